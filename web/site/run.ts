import type { RunEvent } from '../../src/contracts/perspectives.ts';
import { readSse } from '../../src/platform/sse.ts';

/** What this server lets a visitor do. */
export interface Demo {
  readonly available: boolean;
}

/** Whether the box can be used without a key. */
export async function demoStatus(): Promise<Demo> {
  const response = await fetch('/demo/perspectives');
  if (!response.ok) return { available: false };
  return (await response.json()) as Demo;
}

/** Asks, and gives the run's events as they come. Throws an `Error` whose message is the server's own sentence. */
export async function* ask(
  prompt: string,
  key: string | null,
  signal: AbortSignal,
): AsyncGenerator<RunEvent, void, void> {
  const demo = key === null;
  const response = await fetch(demo ? '/demo/perspectives' : '/v1/perspectives', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(demo ? {} : { authorization: `Bearer ${key}` }) },
    body: JSON.stringify(
      demo ? { prompt } : { prompt, stream: true, max_tokens: 1000, merge: { strategy: 'consensus' } },
    ),
    signal,
  });
  if (!response.ok || response.body === null) throw new Error(await sentenceOf(response));
  for await (const event of readSse(response.body)) yield JSON.parse(event.data) as RunEvent;
}

async function sentenceOf(response: Response): Promise<string> {
  const problem = (await response.json().catch(() => null)) as { detail?: string } | null;
  return problem?.detail ?? `The server answered ${response.status}. Try again in a moment.`;
}
