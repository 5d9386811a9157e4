import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, inject, it } from 'vitest';
import { PersonAtABrowser } from './person-at-a-browser.ts';

/** A client that knows the URL of `/mcp` and the specifications, and takes nothing else for granted. */

const REDIRECT = 'http://127.0.0.1:47123/callback';

const rpc = (token: string | null, method: string, params: object = {}) =>
  fetch(inject('mcpUrl'), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-11-25',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });

interface Server {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly registration_endpoint: string;
  readonly revocation_endpoint: string;
}

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly scope: string;
}

/** One parameter of a challenge (RFC 9110, section 11.2). */
const parameter = (response: Response, name: string) =>
  new RegExp(`${name}="([^"]*)"`).exec(response.headers.get('www-authenticate') ?? '')?.[1] ?? null;

/** From the resource's refusal to the metadata of who gives tokens for it (RFC 9728, RFC 8414). */
async function discovered(refusal: Response): Promise<{ server: Server; resource: string; scope: string }> {
  const metadataUrl = parameter(refusal, 'resource_metadata') ?? '';
  const resource = (await (await fetch(metadataUrl)).json()) as {
    resource: string;
    authorization_servers: string[];
  };
  expect(resource.resource).toBe(inject('mcpUrl'));
  const issuer = resource.authorization_servers[0] ?? '';
  const server = (await (
    await fetch(new URL('/.well-known/oauth-authorization-server', issuer))
  ).json()) as Server;
  expect(server.issuer).toBe(issuer);
  return { server, resource: resource.resource, scope: parameter(refusal, 'scope') ?? '' };
}

const post = (url: string, fields: Record<string, string>) =>
  fetch(url, { method: 'POST', body: new URLSearchParams(fields) });

/** Sends the person to the server and comes back with a code, and then with tokens. */
async function signedIn(
  person: PersonAtABrowser,
  { server, resource }: { server: Server; resource: string },
  clientId: string,
  scope: string,
): Promise<Tokens> {
  const verifier = randomBytes(48).toString('base64url');
  const state = randomBytes(16).toString('hex');
  const url = new URL(server.authorization_endpoint);
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: REDIRECT,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state,
    scope,
    resource,
  }).toString();
  const back = new URLSearchParams(await person.allowsWithIssuer(url));
  expect(back.get('state')).toBe(state);
  expect(back.get('iss')).toBe(server.issuer);
  const response = await post(server.token_endpoint, {
    grant_type: 'authorization_code',
    client_id: clientId,
    code: back.get('code') ?? '',
    redirect_uri: REDIRECT,
    code_verifier: verifier,
    resource,
  });
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toContain('no-store');
  return (await response.json()) as Tokens;
}

describe('a client that knows only the URL', () => {
  it('finds its way in, asks for more when a tool needs it, renews its token and leaves', async () => {
    const person = await PersonAtABrowser.signedUp(inject('baseUrl'));
    const refusal = await rpc(null, 'tools/list');
    expect(refusal.status).toBe(401);
    expect(parameter(refusal, 'error')).toBeNull();
    const found = await discovered(refusal);
    expect(found.scope.split(' ')).toContain('perspectives');

    const registration = await fetch(found.server.registration_endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        client_name: 'Only the URL',
        redirect_uris: [REDIRECT],
        token_endpoint_auth_method: 'none',
      }),
    });
    expect(registration.status).toBe(201);
    const { client_id: clientId } = (await registration.json()) as { client_id: string };

    // With less than a tool needs: the challenge says what to ask for.
    const little = await signedIn(person, found, clientId, 'models');
    expect(little.scope).toBe('models');
    const call = {
      name: 'get_perspectives',
      arguments: { prompt: 'Is water wet?', models: ['local/swift'] },
    };
    const stepUp = await rpc(little.access_token, 'tools/call', call);
    expect(stepUp.status).toBe(403);
    expect(parameter(stepUp, 'error')).toBe('insufficient_scope');
    const wanted = parameter(stepUp, 'scope') ?? '';
    expect(wanted.split(' ').sort()).toEqual(['models', 'perspectives']);

    const more = await signedIn(person, found, clientId, wanted);
    const answer = await rpc(more.access_token, 'tools/call', call);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('local/swift');

    const renewed = await post(found.server.token_endpoint, {
      grant_type: 'refresh_token',
      client_id: clientId,
      refresh_token: more.refresh_token,
      resource: found.resource,
    });
    const next = (await renewed.json()) as Tokens;
    expect(next.refresh_token).not.toBe(more.refresh_token);
    expect((await rpc(next.access_token, 'tools/list')).status).toBe(200);

    const revoked = await post(found.server.revocation_endpoint, {
      client_id: clientId,
      token: next.refresh_token,
    });
    expect(revoked.status).toBe(200);
    const out = async () => (await rpc(next.access_token, 'tools/list')).status;
    await expect.poll(out, { timeout: 7_000, interval: 250 }).toBe(401);
  });

  it('may use an API key on the same URL instead', async () => {
    expect((await rpc(inject('apiKey'), 'tools/list')).status).toBe(200);
  });
});
