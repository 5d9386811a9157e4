import { env } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { ORIGIN } from '../../../test/worker/client.ts';
import {
  allowed,
  authorizeQuery,
  connected,
  entry,
  exchange,
  form,
  opened,
  owner,
  REDIRECT,
  refresh,
  register,
  rpc,
  type Tokens,
} from '../../../test/worker/oauth-apps.ts';
import { tenantDb } from '../../platform/db.ts';
import { Browser } from '../identity/accounts/test-browser.ts';
import { memberOf, tenantOf } from '../identity/people-and-tenants.fixture.ts';
import { connectedApps } from './schema.ts';

describe('a client that knows only the URL', () => {
  it('is told where to sign in, and finds everything from there', async () => {
    const refused = await entry('/mcp', {
      method: 'POST',
      headers: { 'content-type': 'application/json', host: 'localhost' },
      body: '{}',
    });
    expect(refused.status).toBe(401);
    const challenged = refused.headers.get('www-authenticate') ?? '';
    expect(challenged).not.toContain('error=');
    const metadataUrl = /resource_metadata="([^"]+)"/.exec(challenged)?.[1] ?? '';
    expect(metadataUrl).toBe(`${ORIGIN}/.well-known/oauth-protected-resource/mcp`);
    expect(challenged).toContain('scope="perspectives models usage:read"');

    const resource = await (await entry(new URL(metadataUrl).pathname)).json<Record<string, unknown>>();
    expect(resource).toMatchObject({
      resource: `${ORIGIN}/mcp`,
      authorization_servers: [ORIGIN],
      bearer_methods_supported: ['header'],
    });
    expect(JSON.stringify(resource)).not.toContain('offline_access');
    expect(await (await entry('/.well-known/oauth-protected-resource')).json()).toEqual(resource);

    expect(await (await entry('/.well-known/oauth-authorization-server')).json()).toMatchObject({
      issuer: ORIGIN,
      authorization_endpoint: `${ORIGIN}/oauth/authorize`,
      token_endpoint: `${ORIGIN}/oauth/token`,
      registration_endpoint: `${ORIGIN}/oauth/register`,
      revocation_endpoint: `${ORIGIN}/oauth/revoke`,
      code_challenge_methods_supported: ['S256'],
      response_types_supported: ['code'],
      authorization_response_iss_parameter_supported: true,
      client_id_metadata_document_supported: true,
    });
  });

  it('comes to tokens by the person’s consent, and to the tools that its scopes allow', async () => {
    const { person, tenantId } = await owner();
    const { client_id: clientId } = await register();
    const request = await opened(person.browser, clientId);
    expect((await person.browser.get(`/v1/oauth/requests/${request}`)).body).toMatchObject({
      client: { name: 'Test app', host: null, verified: false },
      redirect_host: 'app.example.com',
      localhost_only: false,
      scopes: [{ scope: 'perspectives' }, { scope: 'models' }],
    });
    const { body } = await person.browser.post(`/v1/oauth/requests/${request}`, {
      decision: 'allow',
      tenant_id: tenantId,
    });
    const back = new URL((body as unknown as { redirect_to: string }).redirect_to);
    expect(`${back.origin}${back.pathname}`).toBe(REDIRECT);
    expect(Object.fromEntries(back.searchParams)).toMatchObject({ state: 'the-state', iss: ORIGIN });
    const response = await exchange(clientId, back.searchParams.get('code') ?? '');
    const tokens = await response.json<Tokens>();
    expect(tokens.scope.split(' ').sort()).toEqual(['models', 'perspectives']);
    expect(tokens.expires_in).toBeLessThanOrEqual(3_600);

    const listed = await rpc(tokens.access_token, 'tools/list');
    expect(listed.status).toBe(200);
    const text = await listed.text();
    expect(text).toContain('get_perspectives');
    expect(text).toContain('list_models');
  });
});

describe('an authorization request', () => {
  const cases: readonly (readonly [string, Record<string, string | null>])[] = [
    ['of an unknown client', { client_id: 'nobody' }],
    ['to an address that was not registered', { redirect_uri: 'https://evil.example.com/callback' }],
    ['to an address that only begins as registered', { redirect_uri: `${REDIRECT}/more` }],
    ['to an address with another query', { redirect_uri: `${REDIRECT}?x=1` }],
    ['to the address in other letters', { redirect_uri: REDIRECT.replace('callback', 'Callback') }],
    ['without an address', { redirect_uri: null }],
  ];
  it.each(cases)('%s is told on a page of ours and redirects nowhere', async (_, changes) => {
    const { client_id } = await register();
    const response = await entry(await authorizeQuery(client_id, changes));
    expect(response.status).toBe(400);
    expect(response.headers.get('location')).toBeNull();
    expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });

  const faults: readonly (readonly [string, Record<string, string | null>, string])[] = [
    ['without a code challenge', { code_challenge: null, code_challenge_method: null }, 'invalid_request'],
    ['with a plain challenge', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['for another resource', { resource: 'https://other.example.com/mcp' }, 'invalid_target'],
    ['for a token in the address', { response_type: 'token' }, 'unsupported_response_type'],
  ];
  it.each(faults)(
    '%s goes back to the app with the error, its state and the issuer',
    async (_, changes, error) => {
      const { client_id } = await register();
      const response = await entry(await authorizeQuery(client_id, changes));
      expect(response.status).toBe(302);
      const back = new URL(response.headers.get('location') ?? '');
      expect(`${back.origin}${back.pathname}`).toBe(REDIRECT);
      expect(back.searchParams.get('error')).toBe(error);
      expect(back.searchParams.get('state')).toBe('the-state');
      expect(back.searchParams.get('iss')).toBe(ORIGIN);
      expect(back.searchParams.get('code')).toBeNull();
    },
  );

  it('of a confidential client without a challenge is refused as well', async () => {
    const { client_id } = await register({ token_endpoint_auth_method: 'client_secret_post' });
    const response = await entry(
      await authorizeQuery(client_id, { code_challenge: null, code_challenge_method: null }),
    );
    expect(new URL(response.headers.get('location') ?? '').searchParams.get('error')).toBe('invalid_request');
  });

  it('that names no scope asks for the usual ones, and unknown ones are left out', async () => {
    const { person } = await owner();
    const { client_id } = await register();
    const asked = async (scope: string | null) => {
      const id = await opened(person.browser, client_id, { scope });
      const { body } = await person.browser.get(`/v1/oauth/requests/${id}`);
      return (body as unknown as { scopes: { scope: string }[] }).scopes.map((one) => one.scope);
    };
    expect(await asked(null)).toEqual(['perspectives', 'models', 'usage:read']);
    expect(await asked('models offline_access')).toEqual(['models', 'offline_access']);
  });

  it('is refused by the person: the app is told, and gets no code', async () => {
    const { person } = await owner();
    const { client_id } = await register();
    const request = await opened(person.browser, client_id);
    const { body } = await person.browser.post(`/v1/oauth/requests/${request}`, { decision: 'deny' });
    const back = new URL((body as unknown as { redirect_to: string }).redirect_to);
    expect(Object.fromEntries(back.searchParams)).toMatchObject({
      error: 'access_denied',
      state: 'the-state',
      iss: ORIGIN,
    });
  });
});

describe('a consent', () => {
  it('cannot be given by another browser than the one that was asked (a request smuggled to a victim)', async () => {
    const [attacker, victim] = [await owner(), await owner()];
    const { client_id } = await register();
    const request = await opened(attacker.person.browser, client_id);
    const { status } = await victim.person.browser.post(`/v1/oauth/requests/${request}`, {
      decision: 'allow',
      tenant_id: victim.tenantId,
    });
    expect(status).toBe(409);
  });

  it('cannot be given twice', async () => {
    const { person, tenantId } = await owner();
    const { client_id } = await register();
    const request = await opened(person.browser, client_id);
    const allow = () =>
      person.browser.post(`/v1/oauth/requests/${request}`, { decision: 'allow', tenant_id: tenantId });
    expect((await allow()).status).toBe(200);
    expect((await allow()).status).toBe(404);
  });

  it('cannot be sent from another site, nor by somebody who is not signed in (CSRF)', async () => {
    const { person, tenantId } = await owner();
    const { client_id } = await register();
    const request = await opened(person.browser, client_id);
    const body = { decision: 'allow', tenant_id: tenantId };
    const path = `/v1/oauth/requests/${request}`;
    const foreign = await person.browser.ask('POST', path, { body, origin: 'https://evil.example.com' });
    expect(foreign.status).toBe(403);
    expect((await new Browser().post(path, body)).status).toBe(401);
  });

  it('gives no tenant that the person does not belong to, and no scope that was not asked for', async () => {
    const [mine, theirs] = [await owner(), await owner()];
    const { client_id } = await register();
    const request = await opened(mine.person.browser, client_id, { scope: 'models' });
    const path = `/v1/oauth/requests/${request}`;
    const foreign = await mine.person.browser.post(path, { decision: 'allow', tenant_id: theirs.tenantId });
    expect(foreign.status).toBe(404);
    const wider = await mine.person.browser.post(path, {
      decision: 'allow',
      tenant_id: mine.tenantId,
      scopes: ['cli'],
    });
    expect(wider.status).toBe(422);
  });

  it('that was remembered is not asked for again in the same tenant, for the same or less', async () => {
    const { person, tenantId } = await owner();
    const { client_id } = await register();
    const code = await allowed(person, tenantId, client_id, {}, { remember: true });
    expect((await exchange(client_id, code)).status).toBe(200);
    const location = async (changes: Record<string, string> = {}) => {
      const { headers } = await person.browser.get(await authorizeQuery(client_id, changes));
      return new URL(headers.get('location') ?? '');
    };
    expect((await location()).searchParams.get('code')).not.toBeNull();
    expect((await location({ scope: 'models' })).searchParams.get('code')).not.toBeNull();
    expect((await location({ scope: 'models usage:read' })).pathname).toBe('/consent');
    expect((await location({ prompt: 'consent' })).pathname).toBe('/consent');
    await tenantOf(person, 'Other');
    expect((await location()).pathname).toBe('/consent');
  });

  it('for a program on the person’s own machine is asked for every time', async () => {
    const { person, tenantId } = await owner();
    const local = 'http://127.0.0.1:33418/callback';
    const { client_id } = await register({ redirect_uris: [local] });
    const changes = { redirect_uri: local };
    const request = await opened(person.browser, client_id, changes);
    expect((await person.browser.get(`/v1/oauth/requests/${request}`)).body).toMatchObject({
      localhost_only: true,
    });
    const decision = { decision: 'allow', tenant_id: tenantId, remember: true };
    await person.browser.post(`/v1/oauth/requests/${request}`, decision);
    await opened(person.browser, client_id, changes);
  });
});

describe('a code', () => {
  it('works once: used again it takes back what it gave', async () => {
    const { person, tenantId } = await owner();
    const { clientId, tokens, code } = await connected(person, tenantId);
    expect((await rpc(tokens.access_token, 'tools/list')).status).toBe(200);
    const again = await exchange(clientId, code);
    expect(again.status).toBe(400);
    expect(await again.json()).toMatchObject({ error: 'invalid_grant' });
    expect((await refresh(clientId, tokens.refresh_token)).status).toBe(400);
  });

  it.each([
    [
      'another verifier',
      { code_verifier: 'another-verifier-of-more-than-forty-three-characters' },
      'invalid_grant',
    ],
    ['another redirect address', { redirect_uri: 'https://app.example.com/other' }, 'invalid_grant'],
    ['another resource', { resource: 'https://other.example.com/mcp' }, 'invalid_target'],
  ] as const)('is refused with %s', async (_, changes, error) => {
    const { person, tenantId } = await owner();
    const { client_id: clientId } = await register();
    const request = await opened(person.browser, clientId);
    const { body } = await person.browser.post(`/v1/oauth/requests/${request}`, {
      decision: 'allow',
      tenant_id: tenantId,
    });
    const code = new URL((body as unknown as { redirect_to: string }).redirect_to).searchParams.get('code');
    const response = await exchange(clientId, code ?? '', changes);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error });
  });

  it('is refused to another client', async () => {
    const { person, tenantId } = await owner();
    const other = await register();
    const { client_id: clientId } = await register();
    const request = await opened(person.browser, clientId);
    const { body } = await person.browser.post(`/v1/oauth/requests/${request}`, {
      decision: 'allow',
      tenant_id: tenantId,
    });
    const code = new URL((body as unknown as { redirect_to: string }).redirect_to).searchParams.get('code');
    expect((await exchange(other.client_id, code ?? '')).status).toBe(400);
  });
});

describe('a token', () => {
  it('is renewed with rotation, and an older refresh token than the last but one is dead', async () => {
    const { person, tenantId } = await owner();
    const { clientId, tokens } = await connected(person, tenantId);
    const second = await (await refresh(clientId, tokens.refresh_token)).json<Tokens>();
    expect(second.refresh_token).not.toBe(tokens.refresh_token);
    const third = await (await refresh(clientId, second.refresh_token)).json<Tokens>();
    expect((await rpc(third.access_token, 'tools/list')).status).toBe(200);
    expect((await refresh(clientId, tokens.refresh_token)).status).toBe(400);
  });

  it('opens /mcp alone: no route of the API takes it', async () => {
    const { person, tenantId } = await owner();
    const { tokens } = await connected(person, tenantId);
    for (const path of ['/v1/me', '/v1/models', '/v1/perspectives', '/v1/credits']) {
      const response = await entry(path, { headers: { authorization: `Bearer ${tokens.access_token}` } });
      expect([path, response.status]).toEqual([path, 401]);
    }
  });

  it('that is forged, cut or changed is refused with a challenge', async () => {
    const { person, tenantId } = await owner();
    const { tokens } = await connected(person, tenantId);
    const { access_token } = tokens;
    for (const token of ['x', 'a:b:c', access_token.slice(0, -1), `${access_token}A`]) {
      const response = await rpc(token, 'tools/list');
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"');
    }
  });

  it('in the address is not looked at', async () => {
    const { person, tenantId } = await owner();
    const { tokens } = await connected(person, tenantId);
    const response = await entry(`/mcp?access_token=${tokens.access_token}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', host: 'localhost' },
      body: '{}',
    });
    expect(response.status).toBe(401);
  });

  it('stops when it is revoked (RFC 7009)', async () => {
    const { person, tenantId } = await owner();
    const { clientId, tokens } = await connected(person, tenantId);
    const revoked = await form('/oauth/revoke', { client_id: clientId, token: tokens.refresh_token });
    expect(revoked.status).toBe(200);
    expect((await refresh(clientId, tokens.refresh_token)).status).toBe(400);
  });

  it('stops with its app, and with its person’s membership', async () => {
    const { person, tenantId } = await owner();
    const member = await memberOf(person, tenantId);
    const { clientId, tokens } = await connected(member, tenantId);
    const { body } = await member.browser.get('/v1/connected-apps');
    expect(body.data).toMatchObject([
      { client: { name: 'Test app' }, tenant_id: tenantId, scopes: ['perspectives', 'models'] },
    ]);
    const id = String(body.data[0]?.id);
    expect((await rpc(tokens.access_token, 'tools/list')).status).toBe(200);

    // Another member sees and ends none of it.
    expect((await person.browser.get('/v1/connected-apps')).body.data).toEqual([]);
    expect((await person.browser.ask('DELETE', `/v1/connected-apps/${id}`)).status).toBe(404);

    expect((await member.browser.ask('DELETE', `/v1/connected-apps/${id}`)).status).toBe(200);
    expect((await rpc(tokens.access_token, 'tools/list')).status).toBe(401);
    expect((await refresh(clientId, tokens.refresh_token)).status).toBe(400);
    const [row] = await tenantDb(env.DB, { tenantId }).select(connectedApps, { limit: 1 });
    expect(row?.endedAt).not.toBeNull();

    const again = await connected(member, tenantId);
    expect((await rpc(again.tokens.access_token, 'tools/list')).status).toBe(200);
    expect((await person.browser.ask('DELETE', `/v1/members/${member.userId}`)).status).toBe(200);
    await expect
      .poll(async () => (await rpc(again.tokens.access_token, 'tools/list')).status, {
        timeout: 8_000,
        interval: 500,
      })
      .toBe(401);
  });

  it('without the scope of a tool is told what to ask for, all in one challenge', async () => {
    const { person, tenantId } = await owner();
    const { tokens } = await connected(person, tenantId, { scope: 'models' });
    const listed = await (await rpc(tokens.access_token, 'tools/list')).text();
    expect(listed).not.toContain('get_perspectives');
    const response = await rpc(tokens.access_token, 'tools/call', {
      name: 'get_perspectives',
      arguments: { prompt: 'Hello' },
    });
    expect(response.status).toBe(403);
    const challenged = response.headers.get('www-authenticate') ?? '';
    expect(challenged).toContain('error="insufficient_scope"');
    expect(challenged).toContain('scope="models perspectives"');
    expect(challenged).toContain('resource_metadata=');
  });

  it('acts with its person’s role: a viewer’s app asks no models', async () => {
    const { person, tenantId } = await owner();
    const viewer = await memberOf(person, tenantId, 'viewer');
    const { tokens } = await connected(viewer, tenantId);
    const response = await rpc(tokens.access_token, 'tools/call', {
      name: 'get_perspectives',
      arguments: { prompt: 'Hello' },
    });
    const text = await response.text();
    expect(text).toContain('needs the role');
  });
});

describe('a registration', () => {
  it.each([
    ['plain HTTP', ['http://app.example.com/callback']],
    ['a script', ['javascript:alert(1)']],
    ['a fragment', ['https://app.example.com/callback#x']],
    ['no address', []],
  ])('with %s for its redirect is refused', async (_, redirect_uris) => {
    const response = await entry('/oauth/register', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ client_name: 'x', redirect_uris, token_endpoint_auth_method: 'none' }),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: expect.stringMatching(/^invalid_/) });
  });

  it('with a name full of markup is shown as text, never as markup', async () => {
    const { person } = await owner();
    const { client_id } = await register({ client_name: '<script>alert(1)</script>' });
    const request = await opened(person.browser, client_id);
    const { headers, body } = await person.browser.get(`/v1/oauth/requests/${request}`);
    expect(headers.get('content-type')).toContain('application/json');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect((body as unknown as { client: { name: string } }).client.name).toBe('<script>alert(1)</script>');
  });
});
