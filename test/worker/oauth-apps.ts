import { exports } from 'cloudflare:workers';
import type { Browser } from '../../src/features/identity/accounts/test-browser.ts';
import { type Somebody, somebody, tenantOf } from '../../src/features/identity/people-and-tenants.fixture.ts';
import { base64url, sha256 } from '../../src/platform/crypto.ts';
import { ORIGIN } from './client.ts';

export const REDIRECT = 'https://app.example.com/callback';
export const VERIFIER = 'a-code-verifier-of-more-than-forty-three-characters-0123';

export const entry = (path: string, init?: RequestInit) =>
  exports.default.fetch(new Request(`${ORIGIN}${path}`, { redirect: 'manual', ...init }));

export const form = (path: string, fields: Record<string, string>) =>
  entry(path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  });

export async function challenge(): Promise<string> {
  return base64url(await sha256(VERIFIER));
}

export interface Registered {
  readonly client_id: string;
}

export async function register(changes: object = {}): Promise<Registered> {
  const response = await entry('/oauth/register', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Test app',
      redirect_uris: [REDIRECT],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      ...changes,
    }),
  });
  if (response.status !== 201) throw new Error(`${response.status}: ${await response.text()}`);
  return response.json();
}

export async function authorizeQuery(
  clientId: string,
  changes: Record<string, string | null> = {},
): Promise<string> {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: REDIRECT,
    code_challenge: await challenge(),
    code_challenge_method: 'S256',
    state: 'the-state',
    scope: 'perspectives models',
    resource: `${ORIGIN}/mcp`,
  });
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) query.delete(name);
    else query.set(name, value);
  }
  return `/oauth/authorize?${query}`;
}

/** Opens the app's request in a browser; gives the id of what the person has to decide. */
export async function opened(
  browser: Browser,
  clientId: string,
  changes: Record<string, string | null> = {},
): Promise<string> {
  const { status, headers } = await browser.get(await authorizeQuery(clientId, changes));
  const location = new URL(headers.get('location') ?? '', ORIGIN);
  if (status !== 302 || location.pathname !== '/consent') throw new Error(`${status} ${location}`);
  return location.searchParams.get('request') ?? '';
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
  readonly scope: string;
}

export const exchange = (clientId: string, code: string, changes: Record<string, string> = {}) =>
  form('/oauth/token', {
    grant_type: 'authorization_code',
    client_id: clientId,
    code,
    redirect_uri: REDIRECT,
    code_verifier: VERIFIER,
    resource: `${ORIGIN}/mcp`,
    ...changes,
  });

export const refresh = (clientId: string, token: string) =>
  form('/oauth/token', { grant_type: 'refresh_token', client_id: clientId, refresh_token: token });

/** Lets an app in that asks; gives its code. */
export async function allowed(
  person: Somebody,
  tenantId: string,
  clientId: string,
  changes: Record<string, string | null> = {},
  decision: object = {},
): Promise<string> {
  const request = await opened(person.browser, clientId, changes);
  const { status, body } = await person.browser.post(`/v1/oauth/requests/${request}`, {
    decision: 'allow',
    tenant_id: tenantId,
    ...decision,
  });
  if (status !== 200) throw new Error(JSON.stringify(body));
  const { redirect_to } = body as unknown as { redirect_to: string };
  return new URL(redirect_to).searchParams.get('code') ?? '';
}

/** The whole way of an app: registered, allowed, with tokens. */
export async function connected(
  person: Somebody,
  tenantId: string,
  changes: Record<string, string | null> = {},
): Promise<{ clientId: string; tokens: Tokens; code: string }> {
  const { client_id: clientId } = await register();
  const code = await allowed(person, tenantId, clientId, changes);
  const response = await exchange(clientId, code);
  if (!response.ok) throw new Error(await response.text());
  return { clientId, tokens: await response.json(), code };
}

export const rpc = (token: string, method: string, params: object = {}) =>
  entry('/mcp', {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      host: 'localhost',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });

export async function owner(): Promise<{ person: Somebody; tenantId: string }> {
  const person = await somebody();
  return { person, tenantId: await tenantOf(person) };
}
