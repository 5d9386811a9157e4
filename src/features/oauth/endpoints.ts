import { DEFAULT_APP_SCOPES } from '../../contracts/oauth.ts';
import type { AppContext } from '../../platform/http/context.ts';
import { ownOrigin } from '../identity/index.ts';
import {
  oauthServer,
  RESOURCE_METADATA_PATH,
  REVOKE_PATH,
  resourceOf,
  TOKEN_PATH,
  underOrigin,
} from './server.ts';

/** Registrations and token requests of one address a minute are bounded, where the platform says the address. */
async function tooMany(c: AppContext): Promise<Response | null> {
  const ip = c.req.raw.headers.get('cf-connecting-ip');
  if (ip === null || c.var.config.environment === 'dev') return null;
  const { success } = await c.env.AUTH_RATE.limit({ key: `oauth ${ip}` });
  if (success) return null;
  return Response.json(
    { error: 'temporarily_unavailable', error_description: 'Too many requests came from your address.' },
    { status: 429, headers: { 'retry-after': '60', 'cache-control': 'no-store' } },
  );
}

/** The token and registration endpoints, answered by the library as their RFCs say (6749, 7591, 7636, 8707). */
export async function protocolEndpoint(c: AppContext): Promise<Response> {
  const refused = c.req.method === 'POST' ? await tooMany(c) : null;
  if (refused !== null) return refused;
  const origin = ownOrigin(c.req.raw, c.var.config);
  const { server } = await oauthServer(origin);
  return server.fetch(underOrigin(c.req.raw, origin), c.env, c.executionCtx as ExecutionContext);
}

/** Revocation (RFC 7009), which the library answers at its token endpoint. */
export async function revocationEndpoint(c: AppContext): Promise<Response> {
  const origin = ownOrigin(c.req.raw, c.var.config);
  const { server } = await oauthServer(origin);
  const request = new Request(`${origin}${TOKEN_PATH}`, c.req.raw);
  return server.fetch(request, c.env, c.executionCtx as ExecutionContext);
}

/** The authorization server's metadata (RFC 8414), with the revocation endpoint where we have it. */
export async function serverMetadata(c: AppContext): Promise<Response> {
  const origin = ownOrigin(c.req.raw, c.var.config);
  const { server } = await oauthServer(origin);
  const response = await server.fetch(
    underOrigin(c.req.raw, origin),
    c.env,
    c.executionCtx as ExecutionContext,
  );
  if (c.req.method !== 'GET' || !response.ok) return response;
  const metadata = await response.json<Record<string, unknown>>();
  return c.json({ ...metadata, revocation_endpoint: `${origin}${REVOKE_PATH}` }, 200, PUBLIC);
}

/** The protected resource's metadata (RFC 9728): where tokens for `/mcp` come from. */
export async function resourceMetadata(c: AppContext): Promise<Response> {
  const origin = ownOrigin(c.req.raw, c.var.config);
  return c.json(
    {
      resource: resourceOf(origin),
      authorization_servers: [origin],
      scopes_supported: DEFAULT_APP_SCOPES,
      bearer_methods_supported: ['header'],
      resource_name: 'Parallax',
      resource_documentation: `${origin}/docs`,
    },
    200,
    PUBLIC,
  );
}

/** The challenge of `/mcp` (RFC 6750, RFC 9728): where to ask, and for what. */
export function challengeOf(
  origin: string,
  error?: string,
  scopes: readonly string[] = DEFAULT_APP_SCOPES,
): string {
  const parts = [
    'realm="parallax"',
    ...(error === undefined ? [] : [`error="${error}"`]),
    `resource_metadata="${origin}${RESOURCE_METADATA_PATH}"`,
    `scope="${scopes.join(' ')}"`,
  ];
  return `Bearer ${parts.join(', ')}`;
}

/** Any page may read where to sign in: inspectors run in browsers. */
const PUBLIC = { 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=300' };
