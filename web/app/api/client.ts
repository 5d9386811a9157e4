import { Problem, problemOf, unreachable } from './problem.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface AskOptions {
  readonly body?: unknown;
  /** What is undefined or empty is left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined | null>> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Makes a repetition of something that creates harmless. */
  readonly idempotencyKey?: string | undefined;
}

/**
 * Asks this deployment's API in the name of the browser's session. The type of the answer is that of the contract, whose server checks its own answers.
 * Throws a `Problem` for everything but a success.
 */
export async function ask<Answer>(method: Method, path: string, options: AskOptions = {}): Promise<Answer> {
  const { body, query, signal, idempotencyKey } = options;
  const response = await fetch(withQuery(path, query), {
    method,
    credentials: 'same-origin',
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw unreachable();
  });
  const text = await response.text().catch(() => {
    throw unreachable();
  });
  const answer = readJson(text);
  if (!response.ok) throw problemOf(response.status, answer);
  if (text !== '' && answer === undefined) throw problemOf(response.status, null);
  return answer as Answer;
}

/** The path with what is asked of it. Pure. */
export function withQuery(path: string, query: AskOptions['query']): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

function readJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export { Problem };
