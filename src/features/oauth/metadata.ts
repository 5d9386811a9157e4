import { DEFAULT_APP_SCOPES } from '../../contracts/oauth.ts';
import type { AppContext } from '../../platform/http/context.ts';
import { ownOrigin } from '../identity/index.ts';
import { oauthServer, RESOURCE_METADATA_PATH, REVOKE_PATH, resourceOf, underOrigin } from './server.ts';

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
  // Clients in browsers ask with a header that names the protocol's version, and so by a preflight first.
  if (c.req.method === 'OPTIONS')
    return new Response(null, {
      status: 204,
      headers: { ...PUBLIC, 'access-control-allow-methods': 'GET', 'access-control-allow-headers': '*' },
    });
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

/** The challenge of `/mcp` (RFC 6750, RFC 9728): where to ask, and for what. A refresh token is nothing that a resource asks for. */
export function challengeOf(
  origin: string,
  error?: string,
  scopes: readonly string[] = DEFAULT_APP_SCOPES,
): string {
  const parts = [
    'realm="parallax"',
    ...(error === undefined ? [] : [`error="${error}"`]),
    `resource_metadata="${origin}${RESOURCE_METADATA_PATH}"`,
    `scope="${scopes.filter((scope) => scope !== 'offline_access').join(' ')}"`,
  ];
  return `Bearer ${parts.join(', ')}`;
}

/** Any page may read where to sign in: inspectors run in browsers. */
const PUBLIC = { 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=300' };
