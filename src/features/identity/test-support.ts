import { exports } from 'cloudflare:workers';

/** The operator's token of the test run; vitest.config.ts sets it. */
export const OPERATOR_TOKEN = 'test-only-operator-token-0123456789abcdef';

export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

interface CallOptions {
  readonly bearer?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request to the Worker's real entry. */
export async function call<Body = Record<string, unknown>>(
  method: string,
  path: string,
  { bearer, body, headers }: CallOptions = {},
): Promise<Answer<Body>> {
  const response = await exports.default.fetch(`https://parallax.test${path}`, {
    method,
    headers: {
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Body };
}

export interface KeyBody {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly kind: string;
  readonly prefix: string;
  readonly last4: string;
  readonly scopes: string[];
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
}

export interface TenantBody {
  readonly id: string;
  readonly name: string;
  readonly owner: { readonly id: string; readonly email: string };
  readonly key: KeyBody;
}

export interface ProblemBody {
  readonly code: string;
  readonly detail: string;
  readonly reason?: string;
  readonly param?: string;
  readonly tenant_id?: string;
}

let count = 0;

/** A new tenant with its owner's first key. */
export async function newTenant(): Promise<TenantBody> {
  count += 1;
  const body = { name: `Tenant ${count}`, email: `owner-${count}-${crypto.randomUUID()}@example.com` };
  const answer = await call<TenantBody>('POST', '/v1/operator/tenants', { bearer: OPERATOR_TOKEN, body });
  if (answer.status !== 201) throw new Error(`no tenant: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** A new key made with another. */
export async function newKey(bearer: string, body: object): Promise<KeyBody> {
  const answer = await call<KeyBody>('POST', '/v1/api-keys', { bearer, body });
  if (answer.status !== 201) throw new Error(`no key: ${JSON.stringify(answer.body)}`);
  return answer.body;
}
