import { env, evictDurableObject, listDurableObjectIds } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { configOf } from '../../env.ts';
import { newId } from '../../platform/ids.ts';
import { admit, admitPrincipal, authenticate, authenticatePage, leasedRole } from './authenticate.ts';
import { KEY_SECRET_BYTES, writeKeyText } from './key-text.ts';
import { importSecrets, signingSecretsOf } from './signing-secrets.ts';
import { call, newKey, newTenant, type ProblemBody } from './test-support.ts';
import type { IdentityEnv } from './user-limiter.ts';

const config = configOf(env);

/** The real bindings, with a count of how often a limiter was reached for. */
function countingEnv() {
  const calls = { made: 0 };
  const counted = new Proxy(env.USER_LIMITER, {
    get(namespace, name) {
      if (name !== 'getByName') return Reflect.get(namespace, name) as unknown;
      return (user: string) => {
        calls.made += 1;
        return namespace.getByName(user);
      };
    },
  });
  return { calls, env: { USER_LIMITER: counted } satisfies Pick<IdentityEnv, 'USER_LIMITER'> };
}

const bearer = (key: string) => new Headers({ authorization: `Bearer ${key}` });

describe('a forged key', () => {
  it('creates and wakes no Durable Object, however many are tried', async () => {
    const { owner } = await newTenant();
    const before = await listDurableObjectIds(env.USER_LIMITER);
    const foreign = await importSecrets('another-deployment’s-signing-secret-here');
    for (const user of [owner.id, newId('user'), newId('user')]) {
      const secret = crypto.getRandomValues(new Uint8Array(KEY_SECRET_BYTES));
      const forged = await writeKeyText(foreign, 'secret', user, secret);
      const counting = countingEnv();
      const clock = { now: () => Date.now() };
      await expect(authenticate(bearer(forged), counting.env, config, clock)).rejects.toMatchObject({
        details: { reason: 'unknown' },
      });
      expect(counting.calls.made).toBe(0);
      const answer = await call<ProblemBody>('GET', '/v1/me', { bearer: forged });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
    }
    expect(await listDurableObjectIds(env.USER_LIMITER)).toHaveLength(before.length);
  });

  it('reads the same as a genuine tag over a key that its owner does not know', async () => {
    const { owner } = await newTenant();
    const secret = crypto.getRandomValues(new Uint8Array(KEY_SECRET_BYTES));
    const tagged = await writeKeyText(await signingSecretsOf(config), 'secret', owner.id, secret);
    const foreign = await importSecrets('another-deployment’s-signing-secret-here');
    const forged = await writeKeyText(foreign, 'secret', owner.id, secret);
    const [one, other] = await Promise.all(
      [tagged, forged].map((key) => call<ProblemBody>('GET', '/v1/me', { bearer: key })),
    );
    expect([one?.status, other?.status]).toEqual([401, 401]);
    expect(one?.body.detail).toBe(other?.body.detail);
    expect(one?.body.reason).toBe(other?.body.reason);
  });
});

describe('a genuine key', () => {
  it('costs one call to its owner’s limiter for five seconds, and stops within them when it is revoked elsewhere', async () => {
    const { key, owner } = await newTenant();
    const made = await newKey(key.key, { name: 'Watched' });
    const clock = { time: Date.now(), now: () => clock.time };
    const counting = countingEnv();
    const ask = () => authenticate(bearer(made.key), counting.env, config, clock);
    expect(await ask()).toMatchObject({ userId: owner.id, keyId: made.id });
    await ask();
    expect(counting.calls.made).toBe(1);
    // Revoked by another isolate: this one is not told.
    await env.USER_LIMITER.getByName(owner.id).revokeKey(made.id);
    clock.time += 4_999;
    expect(await ask()).toMatchObject({ keyId: made.id });
    clock.time += 1;
    await expect(ask()).rejects.toMatchObject({ code: 'unauthenticated', details: { reason: 'revoked' } });
    expect(counting.calls.made).toBe(2);
  });

  it('is asked after once by requests that come together', async () => {
    const { key } = await newTenant();
    const made = await newKey(key.key, { name: 'Crowd' });
    const counting = countingEnv();
    const clock = { now: () => Date.now() };
    const all = await Promise.all(
      Array.from({ length: 20 }, () => authenticate(bearer(made.key), counting.env, config, clock)),
    );
    expect(new Set(all.map(({ keyId }) => keyId))).toEqual(new Set([made.id]));
    expect(counting.calls.made).toBe(1);
  });

  it('serves separate requests that come together through the real entry', async () => {
    const { key } = await newTenant();
    const made = await newKey(key.key, { name: 'Crowd' });
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => call('GET', '/v1/me', { bearer: made.key })),
    );
    expect(answers.every(({ status }) => status === 200)).toBe(true);
  });

  it('needs no database', async () => {
    const { key } = await newTenant();
    const made = await newKey(key.key, { name: 'No database' });
    await env.DB.exec('ALTER TABLE api_keys RENAME TO api_keys_away');
    try {
      const principal = await authenticate(bearer(made.key), env, config, { now: () => Date.now() });
      expect(principal.keyId).toBe(made.id);
    } finally {
      await env.DB.exec('ALTER TABLE api_keys_away RENAME TO api_keys');
    }
  });

  it('works on after its owner’s limiter was evicted', async () => {
    const { key, owner } = await newTenant();
    const made = await newKey(key.key, { name: 'Survivor' });
    await evictDurableObject(env.USER_LIMITER.getByName(owner.id));
    const clock = { now: () => Date.now() };
    expect(await authenticate(bearer(made.key), env, config, clock)).toMatchObject({ keyId: made.id });
  });

  it('ends at the moment it expires, also within a lease', async () => {
    const { key } = await newTenant();
    const clock = { time: Date.now(), now: () => clock.time };
    const made = await newKey(key.key, {
      name: 'Brief',
      expires_at: new Date(clock.time + 60_000).toISOString(),
    });
    clock.time += 59_000;
    await authenticate(bearer(made.key), env, config, clock);
    clock.time += 1_000;
    await expect(authenticate(bearer(made.key), env, config, clock)).rejects.toMatchObject({
      details: { reason: 'expired' },
    });
  });
});

describe('a principal that came without a key', () => {
  const clock = { now: () => Date.now() };

  it('is let in under the limits of its user, in one hop for many, with the role that stands', async () => {
    const { id, owner } = await newTenant();
    const principal = { tenantId: id, userId: owner.id, role: 'viewer', via: 'session', scopes: [] } as const;
    const counting = countingEnv();
    for (let i = 0; i < 5; i++) {
      const pass = await admitPrincipal(principal, 'models', counting.env, clock);
      expect(pass.principal).toMatchObject({ role: 'owner', via: 'session' });
      pass.release();
    }
    expect(counting.calls.made).toBe(1);
    expect(await leasedRole(env, owner.id, id, clock)).toBe('owner');
    expect(await leasedRole(env, owner.id, newId('tenant'), clock)).toBeNull();
  });

  it('of no such membership is refused', async () => {
    const { owner } = await newTenant();
    const principal = {
      tenantId: newId('tenant'),
      userId: owner.id,
      role: 'owner',
      via: 'oauth',
      scopes: [],
    } as const;
    await expect(admitPrincipal(principal, 'models', env, clock)).rejects.toMatchObject({
      details: { reason: 'not_a_member' },
    });
  });

  it('cannot be passed off as a key by naming it', async () => {
    const { id, owner } = await newTenant();
    const principal = { tenantId: id, userId: owner.id, role: 'owner', via: 'session', scopes: [] } as const;
    (await admitPrincipal(principal, 'models', env, clock)).release();
    for (const name of [`${id} ${owner.id}`, `member ${id} ${owner.id}`])
      await expect(
        admit(new Headers({ 'x-api-key': name }), 'models', env, config, clock),
      ).rejects.toMatchObject({ details: { reason: 'malformed' } });
    expect(() => new Headers({ 'x-api-key': `\0${id} ${owner.id}` })).toThrow();
  });
});

describe('a publishable key', () => {
  const PAGE = 'https://example.com';
  const ask = (key: string, origin: string | null) =>
    authenticatePage(
      new Headers({ authorization: `Bearer ${key}`, ...(origin === null ? {} : { origin }) }),
      env,
      config,
      { now: () => Date.now() },
    );

  it('opens a widget on the pages that it names, and there alone', async () => {
    const { key } = await newTenant();
    const site = await newKey(key.key, { name: 'Site', kind: 'publishable', allowed_origins: [PAGE] });
    expect(await ask(site.key, PAGE)).toMatchObject({ keyId: site.id, scopes: ['perspectives', 'models'] });
    for (const origin of [
      null,
      'https://example.com.evil.test',
      'https://www.example.com',
      'http://example.com',
    ])
      await expect(ask(site.key, origin)).rejects.toMatchObject({ code: 'origin_refused' });
  });

  it('is what a page shows: a secret one is refused there, so that nobody ships it', async () => {
    const { key } = await newTenant();
    await expect(ask(key.key, PAGE)).rejects.toMatchObject({ details: { reason: 'secret' } });
  });

  it('that is revoked opens nothing', async () => {
    const { key } = await newTenant();
    const site = await newKey(key.key, { name: 'Site', kind: 'publishable', allowed_origins: [PAGE] });
    await call('DELETE', `/v1/api-keys/${site.id}`, { bearer: key.key });
    await expect(ask(site.key, PAGE)).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});
