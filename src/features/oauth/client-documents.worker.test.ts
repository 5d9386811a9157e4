import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  allowed,
  authorizeQuery,
  entry,
  exchange,
  form,
  opened,
  owner,
  REDIRECT,
  rpc,
  type Tokens,
} from '../../../test/worker/oauth-apps.ts';

/** The network outside, as far as these tests need it: what answers at an address. What is asked is written down. */
const sites = new Map<string, () => Response>();
const asked: string[] = [];
const original = globalThis.fetch;

beforeAll(() => {
  globalThis.fetch = (async (input: RequestInfo | URL, init?: RequestInit) => {
    const { url, redirect } = new Request(input, init);
    asked.push(url);
    const answer = sites.get(url)?.() ?? new Response('nothing here', { status: 404 });
    const location = answer.headers.get('location');
    // As `fetch` does when it is left to.
    return location !== null && redirect === 'follow' ? globalThis.fetch(location) : answer;
  }) as typeof fetch;
});
afterAll(() => {
  globalThis.fetch = original;
});
beforeEach(() => {
  asked.length = 0;
});

let count = 0;

/** Publishes an app's description; gives its address, which is its client id. */
function published(changes: object = {}, respond?: (document: string) => Response): string {
  count += 1;
  const id = `https://app-${count}.example.org/client.json`;
  const document = JSON.stringify({
    client_id: id,
    client_name: 'Published app',
    redirect_uris: [REDIRECT],
    token_endpoint_auth_method: 'none',
    ...changes,
  });
  const plain = (text: string) => new Response(text, { headers: { 'content-type': 'application/json' } });
  sites.set(id, () => (respond ?? plain)(document));
  return id;
}

describe('an app that is described at an address of its own', () => {
  it('is shown with the domain that vouches for it, and comes in without registering', async () => {
    const { person, tenantId } = await owner();
    const id = published();
    const request = await opened(person.browser, id);
    expect((await person.browser.get(`/v1/oauth/requests/${request}`)).body).toMatchObject({
      client: { name: 'Published app', host: new URL(id).host, verified: true },
      redirect_host: 'app.example.com',
    });
    const code = await allowed(person, tenantId, id);
    const response = await exchange(id, code);
    const tokens = await response.json<Tokens>();
    expect((await rpc(tokens.access_token, 'tools/list')).status).toBe(200);
    expect((await person.browser.get('/v1/connected-apps')).body.data).toMatchObject([
      { client: { name: 'Published app', host: new URL(id).host } },
    ]);
  });

  const faults: readonly (readonly [string, () => string])[] = [
    ['is not there', () => 'https://nobody.example.org/client.json'],
    ['says it is another', () => published({ client_id: 'https://bank.example.org/client.json' })],
    ['has no name', () => published({ client_name: '' })],
    ['has another redirect address', () => published({ redirect_uris: ['https://other.example.org/cb'] })],
    ['runs a script for a redirect', () => published({ redirect_uris: [REDIRECT, 'javascript:alert(1)'] })],
    ['carries a secret', () => published({ client_secret: 'x' })],
    [
      'is a page',
      () => published({}, (text) => new Response(text, { headers: { 'content-type': 'text/html' } })),
    ],
    [
      'is no JSON',
      () => published({}, () => new Response('{', { headers: { 'content-type': 'application/json' } })),
    ],
    ['is far too long', () => published({ client_uri: `https://a.example.org/${'x'.repeat(70_000)}` })],
    [
      'is an error',
      () =>
        published(
          {},
          (text) => new Response(text, { status: 500, headers: { 'content-type': 'application/json' } }),
        ),
    ],
  ];
  it.each(faults)('is not let in when the description %s', async (_, publish) => {
    const response = await entry(await authorizeQuery(publish()));
    expect(response.status).toBe(400);
    expect(response.headers.get('location')).toBeNull();
  });
});

describe('an app that would have us call addresses inside (SSRF)', () => {
  const inside = [
    'https://127.0.0.1/client.json',
    'https://2130706433/client.json',
    'https://[::1]/client.json',
    'https://[::ffff:10.0.0.1]/client.json',
    'https://10.0.0.1/client.json',
    'https://169.254.169.254/latest/meta-data/client.json',
    'https://metadata.google.internal/client.json',
    'https://localhost/client.json',
    'https://router.local/client.json',
    'https://127.0.0.1.nip.io/client.json',
    'https://example.org:22/client.json',
    'http://example.org/client.json',
  ];
  it.each(inside)('is refused before anything is asked: %s', async (id) => {
    const response = await entry(await authorizeQuery(id));
    expect(response.status).toBe(400);
    const token = await form('/oauth/token', {
      grant_type: 'refresh_token',
      client_id: id,
      refresh_token: 'a.b:c:d',
    });
    expect(token.status).toBe(401);
    const revoked = await form('/oauth/revoke', { client_id: id, token: 'a.b:c:d' });
    expect(revoked.status).toBe(401);
    expect(asked).toEqual([]);
  });

  it('by a redirect from outside is not followed', async () => {
    const id = published({}, () =>
      Response.json({}, { status: 302, headers: { location: 'https://10.0.0.1/client.json' } }),
    );
    const response = await entry(await authorizeQuery(id));
    expect(response.status).toBe(400);
    expect(asked).toEqual([id]);
  });
});
