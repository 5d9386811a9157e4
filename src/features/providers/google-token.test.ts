import { generateKeyPairSync, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NO_ABORT } from './call-fixture.ts';
import { createGoogleTokens, GoogleTokenError } from './google-token.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PRIVATE_PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/** A token server that keeps what it was asked and answers as the test says. */
interface TokenServer {
  readonly url: string;
  readonly asked: URLSearchParams[];
  answer: { status: number; body: unknown };
}

let server: Server;
let google: TokenServer;
beforeEach(async () => {
  const asked: URLSearchParams[] = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      asked.push(new URLSearchParams(body));
      response.writeHead(google.answer.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(google.answer.body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  google = {
    url: `http://127.0.0.1:${address.port}/token`,
    asked,
    answer: { status: 200, body: { access_token: 'ya29.first', expires_in: 3600, token_type: 'Bearer' } },
  };
});
afterEach(async () => {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
});

const account = (more: Record<string, unknown> = {}) =>
  JSON.stringify({
    type: 'service_account',
    client_email: 'models@proj.iam.gserviceaccount.com',
    private_key: PRIVATE_PEM,
    private_key_id: 'kid-1',
    token_uri: google.url,
    ...more,
  });

const decoded = (part: string | undefined): unknown =>
  JSON.parse(Buffer.from(part ?? '', 'base64url').toString());

describe('a service account’s token', () => {
  it('is asked for with an assertion that the account’s public key verifies', async () => {
    const now = Date.UTC(2026, 10, 6);
    const tokens = createGoogleTokens({ now: () => now });
    expect(await tokens.token(account(), NO_ABORT)).toBe('ya29.first');
    const asked = google.asked[0];
    expect(asked?.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    const [header, payload, signature] = (asked?.get('assertion') ?? '').split('.');
    expect(decoded(header)).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'kid-1' });
    expect(decoded(payload)).toEqual({
      iss: 'models@proj.iam.gserviceaccount.com',
      aud: google.url,
      scope: 'https://www.googleapis.com/auth/cloud-platform',
      iat: now / 1000,
      exp: now / 1000 + 3600,
    });
    expect(
      verify(
        'RSA-SHA256',
        Buffer.from(`${header}.${payload}`),
        publicKey,
        Buffer.from(signature ?? '', 'base64url'),
      ),
    ).toBe(true);
  });

  it('is kept until shortly before it ends', async () => {
    let now = 0;
    const tokens = createGoogleTokens({ now: () => now });
    await tokens.token(account(), NO_ABORT);
    now = 3_299_000;
    await tokens.token(account(), NO_ABORT);
    expect(google.asked).toHaveLength(1);
    now = 3_300_000;
    google.answer.body = { access_token: 'ya29.second', expires_in: 3600 };
    expect(await tokens.token(account(), NO_ABORT)).toBe('ya29.second');
    expect(google.asked).toHaveLength(2);
  });

  it('is one for each account, and only so many are kept', async () => {
    const tokens = createGoogleTokens({ now: () => 0 }, 2);
    for (const name of ['a', 'b', 'c', 'a'])
      await tokens.token(account({ client_email: `${name}@proj` }), NO_ABORT);
    expect(google.asked).toHaveLength(4);
    await tokens.token(account({ client_email: 'c@proj' }), NO_ABORT);
    expect(google.asked).toHaveLength(4);
  });

  it('that is refused says so without a word of the key', async () => {
    google.answer = { status: 400, body: { error: 'invalid_grant', error_description: PRIVATE_PEM } };
    const error = await createGoogleTokens({ now: () => 0 })
      .token(account(), NO_ABORT)
      .catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(GoogleTokenError);
    expect(error).toMatchObject({ status: 400 });
    expect(String(error)).not.toContain('PRIVATE KEY');
  });

  it.each([
    ['not JSON', '-----BEGIN PRIVATE KEY-----secret'],
    ['no key file', '{"client_email":"secret"}'],
    [
      'a broken key',
      JSON.stringify({
        client_email: 'a@b',
        private_key: '-----BEGIN PRIVATE KEY-----secret',
        token_uri: 'http://127.0.0.1:9/',
      }),
    ],
  ])('out of %s is an error that names the setting and quotes nothing', async (_, json) => {
    const error = await createGoogleTokens({ now: () => 0 })
      .token(json, NO_ABORT)
      .catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(GoogleTokenError);
    expect(String(error)).toContain('GOOGLE_SERVICE_ACCOUNT_JSON');
    expect(String(error)).not.toContain('secret');
    expect(google.asked).toHaveLength(0);
  });

  it('is not taken from an answer without one', async () => {
    google.answer.body = { token: 'elsewhere' };
    await expect(createGoogleTokens({ now: () => 0 }).token(account(), NO_ABORT)).rejects.toThrow(
      GoogleTokenError,
    );
  });
});
