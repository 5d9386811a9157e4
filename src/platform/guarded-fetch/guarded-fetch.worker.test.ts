import { describe, expect, inject, it } from 'vitest';
import type { ParallaxError } from '../errors.ts';
import { type GuardedBounds, type GuardedRequest, guardedFetch } from './index.ts';

declare module 'vitest' {
  interface ProvidedContext {
    strangersPages: readonly [string, string];
  }
}

const [here, elsewhere] = inject('strangersPages');

const BOUNDS: GuardedBounds = {
  allowLocal: true,
  timeoutMs: 2_000,
  maxBytes: 10_000,
  contentTypes: ['text/plain', 'application/json', 'image/'],
  maxRedirects: 3,
};

interface Echo {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const get = (address: string, request: GuardedRequest = {}, bounds: Partial<GuardedBounds> = {}) =>
  guardedFetch(address, request, { ...BOUNDS, ...bounds });
const text = ({ body }: { body: Uint8Array }) => new TextDecoder().decode(body);
const echo = async (...asked: Parameters<typeof get>) => JSON.parse(text(await get(...asked))) as Echo;
const redirect = (to: string, status = 302, from = here) =>
  `${from}/redirect?status=${status}&to=${encodeURIComponent(to)}`;
/** What is said of an address that is not read. */
const refusal = async (...asked: Parameters<typeof get>) => {
  const error = await get(...asked).then(
    () => null,
    (thrown: ParallaxError) => thrown,
  );
  if (error === null) throw new Error('it was read');
  return `${error.code}: ${error.message}`;
};

const SECRETS = { authorization: 'Bearer s3cret', cookie: 'a=s3cret', 'x-their-own-key': 's3cret' };

describe('the guarded client', () => {
  it('reads a page, under its own name whatever the caller says', async () => {
    const { method, headers } = await echo(`${here}/echo`, {
      headers: { accept: 'text/plain', 'User-Agent': 'somebody else', ...SECRETS },
    });
    expect([method, headers['user-agent'], headers.accept]).toEqual(['GET', 'parallax', 'text/plain']);
    expect(headers).toMatchObject(SECRETS);
    const answer = await get(`${here}/bytes?n=10000`);
    expect([answer.status, answer.body.length, answer.url]).toEqual([200, 10_000, `${here}/bytes?n=10000`]);
  });

  it('sends a body, and gives back a status that is no success with what was said', async () => {
    expect(await echo(`${here}/echo`, { method: 'POST', body: 'hello' })).toMatchObject({
      method: 'POST',
      body: 'hello',
    });
    const answer = await get(`${here}/status?is=418`);
    expect([answer.status, text(answer)]).toEqual([418, 'said']);
  });

  it('follows redirects within their bound, and says where the answer came from', async () => {
    const two = redirect(redirect(`${here}/bytes?n=1`));
    expect((await get(two)).url).toBe(`${here}/bytes?n=1`);
    expect((await get(`${here}/redirect?to=/bytes?n=2`)).body.length).toBe(2);
    expect(await refusal(two, {}, { maxRedirects: 1 })).toContain('redirect that is not followed');
    const { maxRedirects: _, ...none } = BOUNDS;
    await expect(guardedFetch(redirect(`${here}/echo`), {}, none)).rejects.toThrow('not followed');
    let loop = `${here}/bytes?n=1`;
    for (let hop = 0; hop < 4; hop++) loop = redirect(loop);
    expect(await refusal(loop)).toContain('redirect that is not followed');
  });

  it.each([301, 302, 303])('asks without the body after a %i', async (status) => {
    const answer = await echo(redirect(`${here}/echo`, status), {
      method: 'POST',
      body: 'hello',
      headers: { 'content-type': 'text/plain' },
    });
    expect(answer).toMatchObject({ method: 'GET', body: '' });
    expect(answer.headers).not.toHaveProperty('content-type');
  });

  it.each([307, 308])(
    'repeats the body after a %i at the same address, and sends it to no other',
    async (status) => {
      const request = { method: 'POST', body: 's3cret' } as const;
      expect(await echo(redirect(`${here}/echo`, status), request)).toMatchObject({
        method: 'POST',
        body: 's3cret',
      });
      expect(await refusal(redirect(`${elsewhere}/echo`, status), request)).toContain('upstream_failed');
    },
  );

  it('takes no credential to another address, by whatever name it goes, and gives none back on the way home', async () => {
    const request = { headers: { accept: 'text/plain', ...SECRETS } };
    const same = await echo(redirect(`${here}/echo`), request);
    expect(same.headers).toMatchObject(SECRETS);
    for (const way of [
      redirect(`${elsewhere}/echo`),
      redirect(redirect(`${here}/echo`, 302, elsewhere)),
      redirect(`${here.replace('127.0.0.1', 'localhost')}/echo`),
    ]) {
      const { headers } = await echo(way, request);
      expect(JSON.stringify(headers)).not.toContain('s3cret');
      expect(headers).toMatchObject({ accept: 'text/plain', 'user-agent': 'parallax' });
    }
  });

  it.each([
    'http://169.254.169.254/latest/meta-data/',
    'https://169.254.169.254/',
    'https://10.0.0.1/',
    'https://0x0a000001/',
    'https://[::ffff:10.0.0.1]/',
    'https://metadata.google.internal/',
    'https://127.0.0.1.nip.io/',
    'http://example.org/',
    'file:///etc/passwd',
    'data:text/plain,hello',
    'https://user:password@example.org/',
    'https://example.org:22/',
  ])('does not go to %s, neither first nor when it is sent there', async (address) => {
    expect(await refusal(address)).toContain('invalid_parameter');
    expect(await refusal(redirect(address))).toContain('invalid_parameter');
    expect(await refusal(redirect(redirect(address)))).toContain('invalid_parameter');
  });

  it('does not call this machine where that is not allowed', async () => {
    for (const address of [here, here.replace('http:', 'https:'), 'https://localhost/', 'https://[::1]/'])
      expect(await refusal(address, {}, { allowLocal: false })).toContain('invalid_parameter');
  });

  it('says nothing of the address or what it answered in a refusal', async () => {
    for (const address of [
      'https://10.0.0.1/hush-hush',
      redirect('https://10.0.0.1/hush-hush'),
      redirect('http://[hush-hush'),
      'http://127.0.0.1:9/hush-hush',
    ])
      expect(await refusal(address)).not.toContain('hush');
  });

  it('reads no more than its bound, whether the size is declared or not', async () => {
    expect(await refusal(`${here}/bytes?n=10001`)).toContain('more than 10000 bytes');
    expect(await refusal(`${here}/bytes?n=10001&declared=1`)).toContain('more than 10000 bytes');
    expect(await refusal(`${here}/drip`, {}, { maxBytes: 3 })).toContain('more than 3 bytes');
  });

  it('waits no longer than its bound: for an answer, for its end, over all redirects, or for who has gone', async () => {
    const bounds = { timeoutMs: 150 };
    for (const way of [`${here}/silent`, `${here}/drip`, redirect(`${here}/silent`)])
      expect(await refusal(way, {}, bounds)).toContain('did not answer within 150 ms');
    const gone = new AbortController();
    setTimeout(() => gone.abort(), 30);
    expect(await refusal(`${here}/silent`, { signal: gone.signal })).toContain('upstream_failed');
  });

  it('fails whole on an answer that breaks off', async () => {
    expect(await refusal(`${here}/cut`)).toContain('upstream_failed');
  });

  it.each([
    ['text/plain', true],
    ['TEXT/Plain; charset=utf-8', true],
    ['image/png', true],
    ['text/html', false],
    ['text/plainer', false],
    ['application/octet-stream', false],
    ['', false],
  ])('takes an answer of the type "%s": %s', async (type, read) => {
    const address = `${here}/type?is=${encodeURIComponent(type)}`;
    if (read) expect((await get(address)).status).toBe(200);
    else expect(await refusal(address)).toContain('type of content');
  });
});
