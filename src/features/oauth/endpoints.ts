import { sha256Hex } from '../../platform/crypto.ts';
import type { AppContext } from '../../platform/http/context.ts';
import { readText } from '../../platform/http/read-json.ts';
import { ownOrigin } from '../identity/index.ts';
import { endGrant } from './end-grant.ts';
import { tooMany } from './flood.ts';
import { claimsOf, grantOwner } from './grant-owner.ts';
import { refusedFor, withinOAuth } from './outbound.ts';
import { IDLE_S, oauthServer, TOKEN_PATH, underOrigin } from './server.ts';

/** No honest form or registration comes near it. */
const MAX_BYTES = 64 * 1024;

/** Dynamic registration (RFC 7591), as the library answers it. */
export async function registrationEndpoint(c: AppContext): Promise<Response> {
  const flooded = c.req.method === 'POST' ? await tooMany(c, 'register') : null;
  if (flooded !== null) return flooded;
  const origin = ownOrigin(c.req.raw, c.var.config);
  const { server } = await oauthServer(origin);
  const request = underOrigin(c.req.raw, origin);
  if (c.req.method !== 'POST') return server.fetch(request, c.env, c.executionCtx as ExecutionContext);
  const text = await readText(request, MAX_BYTES);
  const whole = new Request(request.url, { method: 'POST', headers: request.headers, body: text });
  return server.fetch(whole, c.env, c.executionCtx as ExecutionContext);
}

/**
 * The token endpoint (RFC 6749, 7636, 8707), as the library answers it. A code or refresh token that comes again after it was used ends the connection for
 * whoever has it (RFC 6749, section 4.1.2; RFC 9700, section 4.14.2), here in the database too, so that it holds everywhere within seconds.
 */
export async function tokenEndpoint(c: AppContext): Promise<Response> {
  return withinOAuth(async () => {
    const { form, response } = await answered(c, 'token');
    const [code, renewal] = [form.get('code'), form.get('refresh_token')];
    if (response.ok && renewal !== null) await c.env.OAUTH_KV.put(...(await spent(renewal)));
    const why = response.ok ? undefined : refusedFor();
    const replayed =
      why === 'code_replayed'
        ? code
        : why === 'refresh_token_mismatch' && renewal !== null && (await wasSpent(c.env, renewal))
          ? renewal
          : null;
    if (replayed !== null) await endGrant(c, replayed, 'reuse');
    return response;
  });
}

/**
 * Revocation (RFC 7009), which the library answers at its token endpoint. Either token ends the connection: an access token that is taken back while the
 * other could get a new one would mean little to a person.
 */
export async function revocationEndpoint(c: AppContext): Promise<Response> {
  return withinOAuth(async () => {
    let token = '';
    let before: readonly boolean[] = [];
    const { response } = await answered(c, 'revoke', async (form) => {
      token = form.get('token') ?? '';
      before = await standing(c.env, token);
    });
    if (!response.ok || !before.some(Boolean)) return response;
    const after = await standing(c.env, token);
    // What is gone was the client's own: the library has checked that.
    if (before.some((there, index) => there && !after[index])) await endGrant(c, token, 'revoked');
    return response;
  });
}

/** The library's answer to a form, and the form. What is no form is answered by the library too. */
async function answered(
  c: AppContext,
  what: 'token' | 'revoke',
  look?: (form: URLSearchParams) => Promise<void>,
): Promise<{ form: URLSearchParams; response: Response }> {
  const { raw } = c.req;
  const origin = ownOrigin(raw, c.var.config);
  const { server } = await oauthServer(origin);
  const ctx = c.executionCtx as ExecutionContext;
  const url = `${origin}${TOKEN_PATH}`;
  const none = new URLSearchParams();
  if (raw.method !== 'POST')
    return { form: none, response: await server.fetch(new Request(url, raw), c.env, ctx) };
  const text = await readText(raw, MAX_BYTES);
  const form = new URLSearchParams(text);
  // Apps that are a company's servers ask for many people from one address.
  const flooded = await tooMany(c, `${what} ${partyOf(form.get('client_id'))}`);
  if (flooded !== null) return { form: none, response: flooded };
  await look?.(form);
  const request = new Request(url, { method: 'POST', headers: raw.headers, body: text });
  return { form, response: await server.fetch(request, c.env, ctx) };
}

/** Whom a client id stands for when requests are counted: of an address, its host, so that nobody has us ask one host without end. */
function partyOf(clientId: string | null): string {
  return (URL.parse(clientId ?? '')?.host ?? clientId ?? '').slice(0, 100);
}

/** What there is of a code's or token's grant, and of the token itself. */
async function standing(env: Env, token: string): Promise<readonly boolean[]> {
  const claims = claimsOf(token);
  if (claims === null) return [];
  const owner = grantOwner(claims);
  const names = [
    `grant:${owner}:${claims.grantId}`,
    `token:${owner}:${claims.grantId}:${await sha256Hex(token)}`,
  ];
  return Promise.all(names.map(async (name) => (await env.OAUTH_KV.get(name)) !== null));
}

/** Refresh tokens that were used, by their digest, for as long as a connection may be idle. */
async function spent(token: string): Promise<[string, string, KVNamespacePutOptions]> {
  return [`spent:${await sha256Hex(token)}`, '', { expirationTtl: IDLE_S }];
}

async function wasSpent(env: Env, token: string): Promise<boolean> {
  const [name] = await spent(token);
  return (await env.OAUTH_KV.get(name)) !== null;
}
