import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** What a local client needs to know; the rest of `dev.json`. */
export interface LocalIdentity {
  readonly apiKey: string;
  readonly publishableKey: string;
  readonly email: string;
  /** For the sign-in page. */
  readonly password: string;
  readonly tenantId: string;
}

const EMAIL = 'demo@parallax.local';

interface Target {
  readonly baseUrl: string;
  readonly operatorToken: string;
  /** `dev.json`. */
  readonly file: string;
}

/** The demo tenant and its keys: those of `dev.json` while the server knows them, else made anew. Writes `dev.json`. */
export async function ensureDemoTenant({ baseUrl, operatorToken, file }: Target): Promise<LocalIdentity> {
  const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Partial<LocalIdentity>) : {};
  const identity =
    (await stillValid(baseUrl, kept)) ?? (await createDemoTenant(baseUrl, operatorToken, kept.password));
  await setPassword(baseUrl, operatorToken, identity);
  const content = { baseUrl, mcpUrl: `${baseUrl}/mcp`, ...identity };
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  return identity;
}

/** Lets the demo person sign in at the page; setting the same password again changes nothing. */
async function setPassword(
  baseUrl: string,
  operatorToken: string,
  { email, password }: LocalIdentity,
): Promise<void> {
  const response = await fetch(`${baseUrl}/dev/people`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${operatorToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  if (!response.ok) throw new Error(`PUT /dev/people answered ${response.status}: ${await response.text()}`);
  await response.body?.cancel();
}

async function stillValid(baseUrl: string, kept: Partial<LocalIdentity>): Promise<LocalIdentity | null> {
  const { apiKey, publishableKey, email, password, tenantId } = kept;
  if (!apiKey || !publishableKey || !email || !password || !tenantId) return null;
  const response = await fetch(`${baseUrl}/v1/me`, { headers: { authorization: `Bearer ${apiKey}` } });
  await response.body?.cancel();
  return response.ok ? { apiKey, publishableKey, email, password, tenantId } : null;
}

async function createDemoTenant(
  baseUrl: string,
  operatorToken: string,
  password: string | undefined,
): Promise<LocalIdentity> {
  const { tenantId, apiKey } = await demoTenantKey(baseUrl, operatorToken);
  const publishable = await post<{ key: string }>(`${baseUrl}/v1/api-keys`, apiKey, {
    name: 'Demo widget',
    kind: 'publishable',
    allowed_origins: [new URL(baseUrl).origin],
  });
  return {
    apiKey,
    publishableKey: publishable.key,
    email: EMAIL,
    password: password ?? randomBytes(12).toString('base64url'),
    tenantId,
  };
}

async function demoTenantKey(
  baseUrl: string,
  operatorToken: string,
): Promise<{ tenantId: string; apiKey: string }> {
  const url = `${baseUrl}/v1/operator/tenants`;
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${operatorToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Demo', email: EMAIL, key_name: 'Demo key' }),
  });
  const body = (await response.json()) as { id?: string; key?: { key: string }; tenant_id?: string };
  if (response.ok && body.id && body.key) return { tenantId: body.id, apiKey: body.key.key };
  if (response.status !== 409 || body.tenant_id === undefined) {
    throw new Error(`POST ${new URL(url).pathname} answered ${response.status}: ${JSON.stringify(body)}`);
  }
  // The database outlived dev.json: the demo tenant is there, its keys' texts are not.
  const key = await post<{ key: string }>(`${url}/${body.tenant_id}/api-keys`, operatorToken, {
    name: 'Demo key',
  });
  return { tenantId: body.tenant_id, apiKey: key.key };
}

async function post<T>(url: string, bearer: string, body: unknown): Promise<T> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok)
    throw new Error(`POST ${new URL(url).pathname} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}
