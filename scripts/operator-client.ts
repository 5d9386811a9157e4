import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OperatorCommand } from './operator-command.ts';

type Call = Extract<OperatorCommand, { kind: 'call' }>;

/** The server refused, or could not be reached; the message is a sentence for the operator. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
}

const TIMEOUT_MS = 30_000;
const ATTEMPTS = 3;
const PAGE = 100;

/**
 * Carries out a command and returns the answer's body; for a list, the items of all pages. A call that got no answer, or a 503, is
 * repeated: an `Idempotency-Key` of its own makes that harmless, also for what creates. Throws `OperatorError`.
 */
export async function callOperator(url: URL, token: string, call: Call, pauseMs = 500): Promise<unknown> {
  if (call.method !== 'GET') return send(url, token, call, call.path, pauseMs);
  const items: unknown[] = [];
  let query = `?limit=${PAGE}`;
  for (;;) {
    const page = (await send(url, token, call, call.path + query, pauseMs)) as {
      data: unknown[];
      next_cursor: string | null;
    };
    items.push(...page.data);
    if (page.next_cursor === null) return items;
    query = `?limit=${PAGE}&cursor=${encodeURIComponent(page.next_cursor)}`;
  }
}

async function send(url: URL, token: string, call: Call, path: string, pauseMs: number): Promise<unknown> {
  const headers = {
    authorization: `Bearer ${token}`,
    accept: 'application/json',
    ...(call.body === undefined
      ? {}
      : { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
  };
  const target = url.href.replace(/\/+$/, '') + path;
  for (let attempt = 1; ; attempt++) {
    let response: Response;
    let text: string;
    try {
      // A redirect would carry the token to wherever it points.
      response = await fetch(target, {
        method: call.method,
        headers,
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      });
      text = await response.text();
    } catch (error) {
      if (attempt < ATTEMPTS) {
        await sleep(pauseMs * attempt);
        continue;
      }
      throw new OperatorError(
        `${url.href} does not answer (${reason(error)}). Is it running, and is --url right?`,
        {
          cause: error,
        },
      );
    }
    if (response.status === 503 && attempt < ATTEMPTS) {
      await sleep(pauseMs * attempt);
      continue;
    }
    const body = parsed(text);
    if (response.ok && body !== undefined) return body;
    throw new OperatorError(refusal(url, response, body));
  }
}

function refusal(url: URL, response: Response, body: unknown): string {
  const detail = (body as { detail?: unknown } | undefined)?.detail;
  const said = typeof detail === 'string' ? detail : 'The answer is not one of Parallax; is --url right?';
  const id = response.headers.get('request-id');
  const request = id === null ? '' : ` Request ${id}.`;
  const hint =
    response.status === 401 ? ' Check the token, and that the deployment has OPERATOR_TOKEN set.' : '';
  return `${url.href} answered ${response.status}: ${said}${hint}${request}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON, so not ours; the caller says so.
    return undefined;
  }
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message;
}
