import { exports } from 'cloudflare:workers';
import type { Run, RunEvent } from '../../src/contracts/perspectives.ts';
import { readSse } from '../../src/platform/sse.ts';

export const ORIGIN = 'https://parallax.test';
/** As vitest.config.ts binds it. */
export const OPERATOR_TOKEN = 'test-only-operator-token-0123456789abcdef';

/** A client of the real entry with one tenant's key. */
export class Client {
  readonly key: string;
  readonly tenantId: string;

  constructor(key: string, tenantId: string) {
    this.key = key;
    this.tenantId = tenantId;
  }

  /** Sends a request; a `body` becomes JSON. */
  fetch(
    path: string,
    init: { method?: string; body?: unknown; headers?: Record<string, string>; signal?: AbortSignal } = {},
  ): Promise<Response> {
    const { body, headers, signal, method = body === undefined ? 'GET' : 'POST' } = init;
    return exports.default.fetch(`${ORIGIN}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  /** Asks and waits for the finished run. Throws with the server's answer when it is not one. */
  async run(body: Record<string, unknown>): Promise<Run> {
    const response = await this.fetch('/v1/perspectives', { body });
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    return response.json();
  }

  /** Asks with a stream; gives the response and its events. */
  async stream(
    body: Record<string, unknown>,
  ): Promise<{ response: Response; events: AsyncGenerator<{ id: number; event: RunEvent }> }> {
    const response = await this.fetch('/v1/perspectives', { body: { ...body, stream: true } });
    if (!response.ok || response.body === null)
      throw new Error(`${response.status}: ${await response.text()}`);
    return { response, events: eventsOf(response.body) };
  }
}

/** The events of a stream with their ids. */
export async function* eventsOf(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<{ id: number; event: RunEvent }> {
  for await (const event of readSse(body))
    yield { id: Number(event.id), event: JSON.parse(event.data) as RunEvent };
}

/** All events of a stream. */
export async function collect(body: ReadableStream<Uint8Array>): Promise<{ id: number; event: RunEvent }[]> {
  return Array.fromAsync(eventsOf(body));
}

let tenants = 0;

/** A new tenant with a key of its own, made as an operator makes one. */
export async function newTenant(name = 'Test'): Promise<Client> {
  tenants += 1;
  const response = await exports.default.fetch(`${ORIGIN}/v1/operator/tenants`, {
    method: 'POST',
    headers: { authorization: `Bearer ${OPERATOR_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name, email: `owner-${tenants}-${crypto.randomUUID()}@example.com` }),
  });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  const tenant = await response.json<{ id: string; key: { key: string } }>();
  return new Client(tenant.key.key, tenant.id);
}

/** A problem document's status, code and param in a line, for short expectations. */
export async function problemOf(response: Response): Promise<string> {
  const body = await response.json<{
    code?: string;
    param?: string;
    error?: { code: string; param: string | null };
  }>();
  const code = body.code ?? body.error?.code;
  const param = body.param ?? body.error?.param;
  return `${response.status} ${code}${param ? ` ${param}` : ''}`;
}
