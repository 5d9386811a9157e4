import { env } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
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
  VERIFIER,
} from '../../../test/worker/oauth-apps.ts';
import { memberOf, type Somebody } from '../identity/people-and-tenants.fixture.ts';

const works = async (token: string) => (await rpc(token, 'tools/list')).status === 200;

/** Ends what this isolate believes of an app: what other isolates do within five seconds by themselves. */
async function disconnect(person: Somebody): Promise<void> {
  const { body } = await person.browser.get('/v1/connected-apps');
  for (const { id } of body.data)
    expect((await person.browser.ask('DELETE', `/v1/connected-apps/${id}`)).status).toBe(200);
}

const apps = async (person: Somebody) => (await person.browser.get('/v1/connected-apps')).body.data;

describe('a stolen code', () => {
  it('that comes second takes the tokens from the one who came first, at once', async () => {
    const { person, tenantId } = await owner();
    const { clientId, tokens, code } = await connected(person, tenantId);
    expect(await works(tokens.access_token)).toBe(true);
    expect((await exchange(clientId, code)).status).toBe(400);
    expect(await works(tokens.access_token)).toBe(false);
    expect(await apps(person)).toEqual([]);
  });

  it('that comes at the same moment gives tokens once at most, and they do not last', async () => {
    const { person, tenantId } = await owner();
    const { client_id } = await register();
    const code = await allowed(person, tenantId, client_id);
    const answers = await Promise.all([1, 2, 3].map(() => exchange(client_id, code)));
    const given = answers.filter(({ ok }) => ok);
    expect(given.length).toBeLessThanOrEqual(1);
    for (const answer of given) {
      const { access_token, refresh_token } = await answer.json<Tokens>();
      expect(await works(access_token)).toBe(false);
      expect((await refresh(client_id, refresh_token)).status).toBe(400);
    }
    expect(await apps(person)).toEqual([]);
  });

  it('is nothing without its verifier, and stays good for the app that has it', async () => {
    const { person, tenantId } = await owner();
    const { client_id } = await register();
    const code = await allowed(person, tenantId, client_id);
    const guess = { code_verifier: `${VERIFIER}0` };
    expect((await exchange(client_id, code, guess)).status).toBe(400);
    expect((await exchange(client_id, code)).status).toBe(200);
  });
});

describe('a stolen refresh token', () => {
  it('that was used and replaced ends the connection for whoever has it when it comes again', async () => {
    const { person, tenantId } = await owner();
    const { clientId, tokens } = await connected(person, tenantId);
    const second = await (await refresh(clientId, tokens.refresh_token)).json<Tokens>();
    const third = await (await refresh(clientId, second.refresh_token)).json<Tokens>();
    expect(await works(third.access_token)).toBe(true);
    const reused = await refresh(clientId, tokens.refresh_token);
    expect(reused.status).toBe(400);
    expect(await reused.json()).toMatchObject({ error: 'invalid_grant' });
    expect(await works(third.access_token)).toBe(false);
    expect((await refresh(clientId, third.refresh_token)).status).toBe(400);
  });

  it('that is made up from one that is known ends nothing', async () => {
    const { person, tenantId } = await owner();
    const { clientId, tokens } = await connected(person, tenantId);
    const [whose, grant] = tokens.refresh_token.split(':');
    expect((await refresh(clientId, `${whose}:${grant}:made-up`)).status).toBe(400);
    expect(await works(tokens.access_token)).toBe(true);
    expect((await refresh(clientId, tokens.refresh_token)).status).toBe(200);
  });

  it('may come again when the answer was lost, as long as its successor was not used', async () => {
    const { person, tenantId } = await owner();
    const { clientId, tokens } = await connected(person, tenantId);
    await refresh(clientId, tokens.refresh_token);
    const again = await refresh(clientId, tokens.refresh_token);
    expect(again.status).toBe(200);
    expect(await works((await again.json<Tokens>()).access_token)).toBe(true);
  });

  it('is of no use to another client', async () => {
    const { person, tenantId } = await owner();
    const { tokens } = await connected(person, tenantId);
    const other = await register();
    expect((await refresh(other.client_id, tokens.refresh_token)).status).toBe(400);
  });

  it('gives no token for another resource, and no scope that was not allowed', async () => {
    const { person, tenantId } = await owner();
    const { clientId, tokens } = await connected(person, tenantId, { scope: 'models' });
    const ask = (more: Record<string, string>) =>
      form('/oauth/token', {
        grant_type: 'refresh_token',
        client_id: clientId,
        refresh_token: tokens.refresh_token,
        ...more,
      });
    const elsewhere = await ask({ resource: 'https://other.example.com/mcp' });
    expect([elsewhere.status, (await elsewhere.json<{ error: string }>()).error]).toEqual([
      400,
      'invalid_target',
    ]);
    const more = await ask({ scope: 'models perspectives' });
    expect((await more.json<Tokens>()).scope).toBe('models');
  });
});

describe('a revocation', () => {
  it.each(['access_token', 'refresh_token'] as const)('of the %s ends the connection', async (which) => {
    const { person, tenantId } = await owner();
    const { clientId, tokens } = await connected(person, tenantId);
    expect(await works(tokens.access_token)).toBe(true);
    const token = tokens[which];
    expect((await form('/oauth/revoke', { client_id: clientId, token })).status).toBe(200);
    expect(await works(tokens.access_token)).toBe(false);
    expect((await refresh(clientId, tokens.refresh_token)).status).toBe(400);
    expect(await apps(person)).toEqual([]);
  });

  it('by another client, or of something made up, changes nothing and says nothing', async () => {
    const { person, tenantId } = await owner();
    const { clientId, tokens } = await connected(person, tenantId);
    const other = await register();
    const [whose, grant] = tokens.access_token.split(':');
    for (const [client_id, token] of [
      [other.client_id, tokens.access_token],
      [other.client_id, tokens.refresh_token],
      [clientId, `${whose}:${grant}:made-up`],
      [clientId, 'x'],
    ] as const)
      expect((await form('/oauth/revoke', { client_id, token })).status).toBe(200);
    expect(await works(tokens.access_token)).toBe(true);
    expect((await refresh(clientId, tokens.refresh_token)).status).toBe(200);
  });

  it('is refused to nobody in particular: no client, no method, no token', async () => {
    expect((await form('/oauth/revoke', { token: 'a.b:c:d' })).status).toBe(401);
    expect((await entry('/oauth/revoke')).status).toBe(405);
    const { client_id } = await register();
    expect((await form('/oauth/revoke', { client_id })).status).toBe(400);
  });
});

describe('somebody who leaves', () => {
  it('leaves no app behind that renews itself, and none that comes back with them', async () => {
    const { person, tenantId } = await owner();
    const member = await memberOf(person, tenantId);
    const { clientId, tokens } = await connected(member, tenantId);
    expect((await person.browser.ask('DELETE', `/v1/members/${member.userId}`)).status).toBe(200);
    const refused = await refresh(clientId, tokens.refresh_token);
    expect([refused.status, (await refused.json<{ error: string }>()).error]).toEqual([400, 'invalid_grant']);
  });

  it('and comes back connects their apps anew', async () => {
    const { person, tenantId } = await owner();
    const member = await memberOf(person, tenantId);
    const { clientId, tokens } = await connected(member, tenantId);
    await env.DB.prepare('UPDATE members SET created_at = ? WHERE tenant_id = ? AND user_id = ?')
      .bind(Date.now() + 1, tenantId, member.userId)
      .run();
    expect(await apps(member)).toEqual([]);
    expect(await works(tokens.access_token)).toBe(false);
    expect((await refresh(clientId, tokens.refresh_token)).status).toBe(400);
  });
});

describe('a page that sends people to the authorization page', () => {
  it('disconnects nobody by that, nor by a consent whose code never comes', async () => {
    const { person, tenantId } = await owner();
    const { clientId, tokens } = await connected(person, tenantId);
    await opened(person.browser, clientId);
    await allowed(person, tenantId, clientId);
    expect(await works(tokens.access_token)).toBe(true);
    expect(await apps(person)).toHaveLength(1);
    const code = await allowed(person, tenantId, clientId);
    const next = await (await exchange(clientId, code)).json<Tokens>();
    expect(await works(next.access_token)).toBe(true);
    expect((await refresh(clientId, tokens.refresh_token)).status).toBe(400);
    expect(await apps(person)).toHaveLength(1);
  });

  it('gets no code for what was remembered and then disconnected', async () => {
    const { person, tenantId } = await owner();
    const { client_id } = await register();
    const code = await allowed(person, tenantId, client_id, {}, { remember: true });
    expect((await exchange(client_id, code)).status).toBe(200);
    const location = async () =>
      new URL((await person.browser.get(await authorizeQuery(client_id))).headers.get('location') ?? '');
    expect((await location()).searchParams.get('code')).not.toBeNull();
    await disconnect(person);
    expect((await location()).pathname).toBe('/consent');
  });
});

describe('a token request', () => {
  const cases: readonly (readonly [string, Record<string, string>, number, string])[] = [
    ['of no kind', {}, 400, 'unsupported_grant_type'],
    ['of a kind that we have not', { grant_type: 'password' }, 400, 'unsupported_grant_type'],
    ['for a client’s own sake', { grant_type: 'client_credentials' }, 400, 'unsupported_grant_type'],
    ['without a code', { grant_type: 'authorization_code' }, 400, 'invalid_request'],
    ['with a code of nobody’s', { grant_type: 'authorization_code', code: 'a.b:c:d' }, 400, 'invalid_grant'],
    ['with half a code', { grant_type: 'authorization_code', code: 'x' }, 400, 'invalid_grant'],
    ['without a refresh token', { grant_type: 'refresh_token' }, 400, 'invalid_request'],
    ['of an unknown client', { grant_type: 'refresh_token', client_id: 'nobody' }, 401, 'invalid_client'],
    ['of no client', { grant_type: 'refresh_token', client_id: '' }, 401, 'invalid_client'],
  ];
  it.each(cases)('%s is refused as RFC 6749 says', async (_, fields, status, error) => {
    const { client_id } = await register();
    const response = await form('/oauth/token', { client_id, ...fields });
    expect([response.status, (await response.json<{ error: string }>()).error]).toEqual([status, error]);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('in JSON, with a field twice, by GET or too large is refused', async () => {
    const { client_id } = await register();
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const post = (body: string, headers: Record<string, string> = type) =>
      entry('/oauth/token', { method: 'POST', headers, body });
    const cases = [
      await post('{}', { 'content-type': 'application/json' }),
      await post(`grant_type=refresh_token&grant_type=password&client_id=${client_id}`),
      await entry('/oauth/token?grant_type=refresh_token'),
      await post(`client_id=${client_id}&code=${'x'.repeat(70_000)}`),
    ];
    expect(cases.map(({ status }) => status)).toEqual([400, 400, 405, 413]);
    for (const response of cases)
      expect(await response.json()).toMatchObject({ error: 'invalid_request', error_description: /\w/ });
  });

  it('of a confidential client without its secret, or with another, is refused', async () => {
    const { person, tenantId } = await owner();
    const client = (await register({ token_endpoint_auth_method: 'client_secret_post' })) as unknown as {
      client_id: string;
      client_secret: string;
    };
    const code = await allowed(person, tenantId, client.client_id);
    expect((await exchange(client.client_id, code)).status).toBe(401);
    expect((await exchange(client.client_id, code, { client_secret: 'guess' })).status).toBe(401);
    const { client_secret } = client;
    expect((await exchange(client.client_id, code, { client_secret })).status).toBe(200);
  });
});

describe('a challenge', () => {
  it('asks for no refresh token, also where the app has one', async () => {
    const { person, tenantId } = await owner();
    const { tokens } = await connected(person, tenantId, { scope: 'models offline_access' });
    const response = await rpc(tokens.access_token, 'tools/call', {
      name: 'get_perspectives',
      arguments: { prompt: 'Hello' },
    });
    expect(response.headers.get('www-authenticate')).toContain('scope="models perspectives"');
  });
});

describe('a resource', () => {
  it('that an app may not read is challenged for as a tool is; one that needs no scope is read', async () => {
    const { person, tenantId } = await owner();
    const { tokens } = await connected(person, tenantId, { scope: 'models' });
    const read = (uri: string) => rpc(tokens.access_token, 'resources/read', { uri });
    const refused = await read('parallax://runs/run_01JD0000000000000000000000');
    expect(refused.status).toBe(403);
    expect(refused.headers.get('www-authenticate')).toContain('scope="models perspectives"');
    expect((await read('parallax://models')).status).toBe(200);
    expect((await read('parallax://docs/oauth')).status).toBe(200);
  });
});

describe('addresses that clients try', () => {
  it('are answered as not there, never with a page', async () => {
    for (const path of [
      '/.well-known/openid-configuration',
      '/.well-known/oauth-authorization-server/mcp',
      '/.well-known/oauth-protected-resource/other',
      '/oauth/introspect',
    ]) {
      const response = await entry(path);
      expect([path, response.status]).toEqual([path, 404]);
      expect(response.headers.get('content-type')).toMatch(/json/);
    }
  });

  it('may be asked by pages of any origin where they hold nothing of anybody’s', async () => {
    for (const path of [
      '/.well-known/oauth-protected-resource/mcp',
      '/.well-known/oauth-authorization-server',
      '/oauth/token',
      '/oauth/register',
      '/oauth/revoke',
    ]) {
      const headers = {
        origin: 'https://inspector.example.com',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'mcp-protocol-version, content-type',
      };
      const response = await entry(path, { method: 'OPTIONS', headers });
      expect([path, response.status]).toEqual([path, 204]);
      expect(response.headers.get('access-control-allow-origin')).toMatch(/\*|inspector/);
      expect(response.headers.get('access-control-allow-credentials')).toBeNull();
    }
  });
});

describe('somebody who reads the logs', () => {
  const lines: string[] = [];
  beforeEach(() => {
    for (const level of ['log', 'info', 'warn', 'error', 'debug'] as const)
      vi.spyOn(console, level).mockImplementation((...parts: unknown[]) => {
        lines.push(
          parts.map((part) => (part instanceof Error ? part.stack : JSON.stringify(part))).join(' '),
        );
      });
  });
  afterEach(() => vi.restoreAllMocks());

  it('finds no code, token, verifier, state or handle in them, whatever was done or refused', async () => {
    const { person, tenantId } = await owner();
    const { client_id } = await register();
    const handle = await opened(person.browser, client_id, { state: 'a-state-of-its-own' });
    const { body } = await person.browser.post(`/v1/oauth/requests/${handle}`, {
      decision: 'allow',
      tenant_id: tenantId,
    });
    const code = new URL((body as unknown as { redirect_to: string }).redirect_to).searchParams.get('code');
    await exchange(client_id, code ?? '', {
      code_verifier: 'a-wrong-verifier-of-more-than-forty-three-letters',
    });
    const tokens = await (await exchange(client_id, code ?? '')).json<Tokens>();
    await rpc(tokens.access_token, 'tools/list');
    await rpc(`${tokens.access_token}x`, 'tools/list');
    await entry(`/mcp?access_token=${tokens.access_token}`, {
      method: 'POST',
      headers: { host: 'localhost' },
    });
    await refresh(client_id, `${tokens.refresh_token}x`);
    const next = await (await refresh(client_id, tokens.refresh_token)).json<Tokens>();
    await form('/oauth/revoke', { client_id, token: next.refresh_token });
    await exchange(client_id, code ?? '');
    await new Promise((resolve) => setTimeout(resolve, 200));
    const text = lines.join('\n');
    expect(text).toContain('an OAuth request was refused');
    const secrets = [code, handle, VERIFIER, 'a-state-of-its-own', 'a-wrong-verifier', tokens.access_token];
    for (const secret of [...secrets, tokens.refresh_token, next.access_token, next.refresh_token])
      expect(text).not.toContain(secret);
  });
});

describe('an authorization request', () => {
  it('sends nobody to another page of ours, whatever it names for a redirect', async () => {
    const { client_id } = await register();
    for (const redirect_uri of [
      `${REDIRECT}/../other`,
      '//evil.example.com',
      '/consent',
      'javascript:alert(1)',
    ]) {
      const response = await entry(await authorizeQuery(client_id, { redirect_uri }));
      expect([redirect_uri, response.status]).toEqual([redirect_uri, 400]);
      expect(response.headers.get('location')).toBeNull();
    }
  });

  it('may name another port of the same machine, and no other path or host of it (RFC 8252, section 7.3)', async () => {
    const { person } = await owner();
    const { client_id } = await register({ redirect_uris: ['http://127.0.0.1:33418/callback'] });
    await opened(person.browser, client_id, { redirect_uri: 'http://127.0.0.1:50000/callback' });
    for (const redirect_uri of [
      'http://127.0.0.1:33418/other',
      'http://localhost:33418/callback',
      'http://10.0.0.1:33418/callback',
    ])
      expect((await entry(await authorizeQuery(client_id, { redirect_uri }))).status).toBe(400);
  });

  it('of an editor goes back to it, is asked for every time and shown as a program on the machine', async () => {
    const { person, tenantId } = await owner();
    const cursor = 'cursor://anysphere.cursor-mcp/oauth/callback';
    const redirect_uris = [
      cursor,
      'https://www.cursor.com/agents/mcp/oauth/callback',
      'http://localhost:8787/callback',
    ];
    const { client_id } = await register({ redirect_uris });
    const changes = { redirect_uri: cursor };
    const request = await opened(person.browser, client_id, changes);
    expect((await person.browser.get(`/v1/oauth/requests/${request}`)).body).toMatchObject({
      redirect_host: 'cursor://anysphere.cursor-mcp',
      localhost_only: true,
    });
    const code = await allowed(person, tenantId, client_id, changes, { remember: true });
    expect((await exchange(client_id, code, { redirect_uri: cursor })).status).toBe(200);
    await opened(person.browser, client_id, changes);
  });

  it('starts no program of the machine by its scheme, also where the app lists it beside a good address', async () => {
    for (const scheme of ['ms-msdt:/id', 'com.example.app:/callback', 'intent://x']) {
      const { client_id } = await register({ redirect_uris: [REDIRECT, scheme] });
      const faults: Record<string, string>[] = [
        {},
        { response_type: 'token' },
        { code_challenge_method: 'plain' },
      ];
      for (const more of faults) {
        const path = await authorizeQuery(client_id, { redirect_uri: scheme, ...more });
        const response = await entry(path);
        expect([scheme, response.status, response.headers.get('location')]).toEqual([scheme, 400, null]);
      }
    }
    const alone = { client_name: 'x', redirect_uris: ['com.example.app:/callback'] };
    const response = await entry('/oauth/register', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...alone, token_endpoint_auth_method: 'none' }),
    });
    expect([response.status, (await response.json<{ error: string }>()).error]).toEqual([
      400,
      'invalid_redirect_uri',
    ]);
  });

  it('is answered at this deployment alone: its resource and issuer are the same word for word', async () => {
    const metadata = await (await entry('/.well-known/oauth-authorization-server')).json<{
      issuer: string;
    }>();
    expect(metadata.issuer).toBe(ORIGIN);
  });
});
