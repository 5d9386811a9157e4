/** The server's answers and refusals, as the pages need them. */

/** What the server says when it refuses: a sentence for the person, and where it concerns one field, which. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;
  readonly code: string;
  readonly param: string | null;

  constructor(status: number, code: string, message: string, param: string | null) {
    super(message);
    this.status = status;
    this.code = code;
    this.param = param;
  }
}

interface Problem {
  readonly detail?: string;
  readonly code?: string;
  readonly param?: string;
}

/** Asks the server; a body is sent as JSON. Throws `Refused`, and one with status 0 when the server cannot be reached. */
export async function ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new Refused(
      0,
      'unreachable',
      'The server cannot be reached. Check your connection and try again.',
      null,
    );
  }
  const text = await response.text();
  const answer: unknown = text === '' ? null : parsed(text);
  if (response.ok) return answer as Answer;
  const { detail, code, param } = (answer ?? {}) as Problem;
  throw new Refused(
    response.status,
    code ?? 'unknown',
    detail ?? 'Something went wrong. Please try again.',
    param ?? null,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A proxy's page, or nothing of ours: the status says enough.
    return null;
  }
}

export const get = <Answer>(path: string) => ask<Answer>('GET', path);
export const post = <Answer>(path: string, body: unknown = {}) => ask<Answer>('POST', path, body);
