import { inject } from 'vitest';

interface Statistics {
  readonly openRequests: number;
  readonly aborted: readonly { readonly model: string; readonly piecesSent: number }[];
  readonly last: Readonly<Record<string, readonly { readonly body: string }[]>>;
  readonly requests: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** What the local model server has seen. */
export async function modelStatistics(): Promise<Statistics> {
  return (await fetch(new URL('/_stats', inject('localModelsUrl')))).json();
}

/** The latest body that a model was sent with this text in it. */
export async function seenBody(model: string, marker: string): Promise<Record<string, unknown>> {
  const { last } = await modelStatistics();
  const seen = last[model]?.find(({ body }) => body.includes(marker));
  if (seen === undefined) throw new Error(`${model} has not seen ${marker}`);
  return JSON.parse(seen.body) as Record<string, unknown>;
}
