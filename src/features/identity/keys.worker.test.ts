import { env } from 'cloudflare:test';
import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { DEFAULT_KEY_SCOPES } from '../../contracts/principal.ts';
import { configOf } from '../../env.ts';
import { systemClock } from '../../platform/clock.ts';
import { platformDb, tenantDb } from '../../platform/db.ts';
import { newId } from '../../platform/ids.ts';
import { type IssuedKey, issueKey, NO_LIMITS } from './issue-key.ts';
import { randomMaterial } from './key-material.ts';
import { changeRoles } from './role-change.ts';
import { apiKeys, members } from './schema.ts';
import {
  call,
  type KeyBody,
  newKey,
  newTenant,
  OPERATOR_TOKEN,
  type ProblemBody,
  type TenantBody,
} from './test-support.ts';

interface ListBody {
  readonly data: KeyBody[];
  readonly has_more: boolean;
  readonly next_cursor: string | null;
}

const list = (bearer: string, query = '') => call<ListBody>('GET', `/v1/api-keys${query}`, { bearer });
const revoke = <Body = KeyBody>(bearer: string, id: string) =>
  call<Body>('DELETE', `/v1/api-keys/${id}`, { bearer });
const status = async (bearer: string) => (await call('GET', '/v1/me', { bearer })).status;

/** Makes the owner of `guest` a member of `host` too, with a key there. */
async function keyInTenant(host: TenantBody, guest: TenantBody, name: string): Promise<IssuedKey> {
  const { id: userId } = guest.owner;
  await platformDb(env.DB)
    .insert(members)
    .values({ tenantId: host.id, userId, role: 'member', createdAt: Date.now() });
  const context = { env, config: configOf(env), clock: systemClock };
  const scopes = [...DEFAULT_KEY_SCOPES];
  const order = {
    tenantId: host.id,
    userId,
    name,
    kind: 'secret',
    scopes,
    cacheMaxAgeS: null,
    expiresAt: null,
    limits: NO_LIMITS,
  } as const;
  return issueKey(context, order, newId('apiKey'), randomMaterial);
}

describe('making an API key', () => {
  it('shows it once, and lists it without its text', async () => {
    const { key } = await newTenant();
    const made = await newKey(key.key, { name: 'Laptop', scopes: ['models'] });
    expect(made).toMatchObject({ name: 'Laptop', kind: 'secret', scopes: ['models'], revoked_at: null });
    expect(made.key.startsWith(made.prefix)).toBe(true);
    expect(made.key.endsWith(made.last4)).toBe(true);
    expect(await status(made.key)).toBe(200);
    const listed = await list(key.key);
    const { key: _text, ...shown } = made;
    expect(listed.body.data[0]).toEqual(shown);
    expect(JSON.stringify(listed.body)).not.toContain(made.key.slice(11, -4));
  });

  it('gives all the scopes of its maker when none are asked for', async () => {
    const { key } = await newTenant();
    const narrow = await newKey(key.key, { name: 'Narrow', scopes: ['models', 'usage:read'] });
    const child = await newKey(narrow.key, { name: 'Child' });
    expect(child.scopes).toEqual(['models', 'usage:read']);
  });

  it('cannot give a scope that its maker lacks', async () => {
    const { key } = await newTenant();
    const narrow = await newKey(key.key, { name: 'Narrow', scopes: ['models'] });
    const answer = await call<ProblemBody>('POST', '/v1/api-keys', {
      bearer: narrow.key,
      body: { name: 'Wider', scopes: ['models', 'memory:read'] },
    });
    expect(answer.status).toBe(403);
    expect(answer.body).toMatchObject({ code: 'insufficient_scope' });
    expect(answer.body.detail).toContain('memory:read');
  });

  it('cannot outlast the key that makes it', async () => {
    const { key } = await newTenant();
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    const later = new Date(Date.now() + 7_200_000).toISOString();
    const brief = await newKey(key.key, { name: 'Brief', expires_at: soon });
    expect((await newKey(brief.key, { name: 'Heir' })).expires_at).toBe(soon);
    const answer = await call<ProblemBody>('POST', '/v1/api-keys', {
      bearer: brief.key,
      body: { name: 'Longer', expires_at: later },
    });
    expect(answer.status).toBe(422);
    expect(answer.body.param).toBe('expires_at');
  });

  it('makes no key while it cannot be seen when the credential ends', async () => {
    const { key } = await newTenant();
    const soon = new Date(Date.now() + 60_000).toISOString();
    const brief = await newKey(key.key, { name: 'Brief', expires_at: soon });
    // As it is while the index lags behind the limiter.
    await platformDb(env.DB).delete(apiKeys).where(eq(apiKeys.id, brief.id));
    const answer = await call<ProblemBody>('POST', '/v1/api-keys', {
      bearer: brief.key,
      body: { name: 'For ever' },
    });
    expect(answer.status).toBe(503);
    expect(answer.body.code).toBe('unavailable');
    expect(answer.headers.get('retry-after')).not.toBeNull();
  });

  it('refuses a moment that has passed', async () => {
    const { key } = await newTenant();
    const body = { name: 'Late', expires_at: '2020-01-01T00:00:00Z' };
    const answer = await call<ProblemBody>('POST', '/v1/api-keys', { bearer: key.key, body });
    expect(answer.status).toBe(422);
    expect(answer.body.param).toBe('expires_at');
  });

  it('makes a publishable key that opens none of these routes', async () => {
    const { key } = await newTenant();
    const made = await newKey(key.key, {
      name: 'Site',
      kind: 'publishable',
      allowed_origins: ['https://example.com'],
    });
    expect(made.key).toMatch(/^plx_pk_/);
    expect(made.scopes).toEqual(['perspectives', 'models']);
    const answer = await call<ProblemBody>('GET', '/v1/me', { bearer: made.key });
    expect(answer.status).toBe(401);
    expect(answer.body.reason).toBe('publishable');
  });

  it('is refused to a viewer', async () => {
    const { id, key, owner } = await newTenant();
    await env.DB.prepare("UPDATE members SET role = 'viewer' WHERE tenant_id = ? AND user_id = ?")
      .bind(id, owner.id)
      .run();
    const answer = await call<ProblemBody>('POST', '/v1/api-keys', { bearer: key.key, body: { name: 'No' } });
    expect(answer.status).toBe(403);
    expect(answer.body.detail).toContain('yours is viewer');
  });

  it('gives the same key again to a retry with the same Idempotency-Key, and no other', async () => {
    const { key } = await newTenant();
    const headers = { 'idempotency-key': '"retry-1"' };
    const make = (body: object) => call<KeyBody>('POST', '/v1/api-keys', { bearer: key.key, body, headers });
    const first = await make({ name: 'Once' });
    expect(first.status).toBe(201);
    expect((await make({ name: 'Once' })).body).toEqual(first.body);
    expect((await make({ name: 'Other' })).status).toBe(422);
    expect((await list(key.key)).body.data).toHaveLength(2);
  });

  it('gives the same key to a retry that writes the same Idempotency-Key without its quotes', async () => {
    const { key } = await newTenant();
    const make = (idempotencyKey: string) =>
      call<KeyBody>('POST', '/v1/api-keys', {
        bearer: key.key,
        body: { name: 'Quoted' },
        headers: { 'idempotency-key': idempotencyKey },
      });
    const first = await make('"bare or quoted"');
    const again = await make('bare or quoted');
    expect(again.status).toBe(201);
    expect(again.body.key).toBe(first.body.key);
  });

  it('lets two members of a tenant choose the same Idempotency-Key', async () => {
    const [host, guest] = [await newTenant(), await newTenant()];
    const other = await keyInTenant(host, guest, 'Guest');
    const request = { body: { name: 'Mine' }, headers: { 'idempotency-key': '1' } };
    const a = await call<KeyBody>('POST', '/v1/api-keys', { bearer: host.key.key, ...request });
    const b = await call<KeyBody>('POST', '/v1/api-keys', { bearer: other.text, ...request });
    expect([a.status, b.status]).toEqual([201, 201]);
    expect(b.body.id).not.toBe(a.body.id);
  });

  it('gives nobody else a key for an Idempotency-Key that they guessed', async () => {
    const [mine, theirs] = [await newTenant(), await newTenant()];
    const request = { body: { name: 'Guess' }, headers: { 'idempotency-key': '1' } };
    const a = await call<KeyBody>('POST', '/v1/api-keys', { bearer: mine.key.key, ...request });
    const b = await call<KeyBody>('POST', '/v1/api-keys', { bearer: theirs.key.key, ...request });
    expect([a.status, b.status]).toEqual([201, 201]);
    expect(b.body.key).not.toBe(a.body.key);
  });

  it('does not give a wider key to a narrower one that repeats the request', async () => {
    const { key } = await newTenant();
    const narrow = await newKey(key.key, { name: 'Narrow', scopes: ['models'] });
    const request = { body: { name: 'Same' }, headers: { 'idempotency-key': 'same' } };
    await call('POST', '/v1/api-keys', { bearer: key.key, ...request });
    const answer = await call<ProblemBody>('POST', '/v1/api-keys', { bearer: narrow.key, ...request });
    expect(answer.status).toBe(422);
    expect(answer.body.code).toBe('idempotency_mismatch');
  });

  it('does not bring a revoked key back when its request is repeated', async () => {
    const { key } = await newTenant();
    const request = { body: { name: 'Gone' }, headers: { 'idempotency-key': 'gone' } };
    const made = await call<KeyBody>('POST', '/v1/api-keys', { bearer: key.key, ...request });
    await revoke(key.key, made.body.id);
    const again = await call<KeyBody>('POST', '/v1/api-keys', { bearer: key.key, ...request });
    expect(again.body.id).toBe(made.body.id);
    expect(again.body.revoked_at).not.toBeNull();
    expect(await status(made.body.key)).toBe(401);
  });
});

describe('listing API keys', () => {
  it('pages through all of them, newest first, each once', async () => {
    const { key } = await newTenant();
    for (const name of ['1', '2', '3', '4']) await newKey(key.key, { name });
    const names: string[] = [];
    let query = '?limit=2';
    for (let page = 0; page < 3; page++) {
      const { body } = await list(key.key, query);
      names.push(...body.data.map((one) => one.name));
      expect(body.has_more).toBe(page < 2);
      query = `?limit=2&cursor=${body.next_cursor}`;
    }
    expect(names.slice().sort()).toEqual(['1', '2', '3', '4', 'First key']);
    const ids = (await list(key.key)).body.data.map(({ id }) => id);
    expect(ids).toEqual(ids.slice().sort().reverse());
  });

  it.each(['?limit=0', '?limit=101', '?limit=x', '?cursor=nonsense'])('refuses %s', async (query) => {
    const { key } = await newTenant();
    expect((await list(key.key, query)).status).toBe(422);
  });

  it('shows a member only their own keys, and an owner the tenant’s', async () => {
    const [host, guest] = [await newTenant(), await newTenant()];
    const made = await keyInTenant(host, guest, 'Guest');
    expect((await list(host.key.key)).body.data.map(({ name }) => name)).toEqual(['Guest', 'First key']);
    await changeRoles(env, [{ userId: host.owner.id, tenantId: host.id, ended: false }], async () => {
      const own = eq(members.userId, host.owner.id);
      return (await tenantDb(env.DB, { tenantId: host.id }).update(members, { role: 'member' }, own)) > 0;
    });
    expect((await list(host.key.key)).body.data.map(({ name }) => name)).toEqual(['First key']);
    expect((await revoke(host.key.key, made.record.id)).status).toBe(404);
    expect((await list(made.text)).body.data.map(({ name }) => name)).toEqual(['Guest']);
  });
});

describe('revoking an API key', () => {
  it('ends it at once on this machine, and again changes nothing', async () => {
    const { key } = await newTenant();
    const made = await newKey(key.key, { name: 'Lost' });
    expect(await status(made.key)).toBe(200);
    const first = await revoke(key.key, made.id);
    expect(first.status).toBe(200);
    expect(first.body.revoked_at).not.toBeNull();
    expect((await revoke(key.key, made.id)).body).toEqual(first.body);
    const refused = await call<ProblemBody>('GET', '/v1/me', { bearer: made.key });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toContain('Bearer');
    expect(refused.body).toMatchObject({ code: 'unauthenticated', reason: 'revoked' });
    expect((await list(key.key)).body.data[0]).toEqual(first.body);
  });

  it('of another tenant is a 404, like one that never was, and the key goes on working', async () => {
    const [mine, theirs] = [await newTenant(), await newTenant()];
    const never = await revoke<ProblemBody>(mine.key.key, newId('apiKey'));
    const other = await revoke<ProblemBody>(mine.key.key, theirs.key.id);
    expect([never.status, other.status]).toEqual([404, 404]);
    expect(other.body.detail).toBe(never.body.detail);
    expect(await status(theirs.key.key)).toBe(200);
    expect((await list(mine.key.key)).body.data.map(({ id }) => id)).not.toContain(theirs.key.id);
  });

  it('that has more scopes than the credential is refused, so that a leaked key cannot shut its owner out', async () => {
    const { key } = await newTenant();
    const narrow = await newKey(key.key, { name: 'Narrow', scopes: ['models'] });
    expect((await revoke(narrow.key, key.id)).status).toBe(403);
    expect(await status(key.key)).toBe(200);
    expect((await revoke(narrow.key, narrow.id)).status).toBe(200);
    expect(await status(narrow.key)).toBe(401);
  });

  it('stops it from making, listing or revoking others', async () => {
    const { key } = await newTenant();
    const made = await newKey(key.key, { name: 'Lost' });
    await revoke(key.key, made.id);
    expect((await call('POST', '/v1/api-keys', { bearer: made.key, body: { name: 'New' } })).status).toBe(
      401,
    );
    expect((await list(made.key)).status).toBe(401);
    expect((await revoke(made.key, key.id)).status).toBe(401);
  });
});

describe('the operator’s routes for a tenant’s keys', () => {
  it('make, list and revoke', async () => {
    const { id } = await newTenant();
    const path = `/v1/operator/tenants/${id}/api-keys`;
    const operator = { bearer: OPERATOR_TOKEN };
    const made = await call<KeyBody>('POST', path, { ...operator, body: { name: 'Made for you' } });
    expect(made.status).toBe(201);
    expect(await status(made.body.key)).toBe(200);
    const listed = await call<ListBody>('GET', `${path}?limit=1`, operator);
    expect(listed.body.data.map(({ name }) => name)).toEqual(['Made for you']);
    expect(listed.body.has_more).toBe(true);
    const ended = await call<KeyBody>('DELETE', `${path}/${made.body.id}`, operator);
    expect(ended.body.revoked_at).not.toBeNull();
    expect(await status(made.body.key)).toBe(401);
  });

  it('repeat nothing for the same Idempotency-Key', async () => {
    const { id } = await newTenant();
    const request = { bearer: OPERATOR_TOKEN, body: { name: 'One' }, headers: { 'idempotency-key': 'op-1' } };
    const first = await call<KeyBody>('POST', `/v1/operator/tenants/${id}/api-keys`, request);
    const again = await call<KeyBody>('POST', `/v1/operator/tenants/${id}/api-keys`, request);
    expect(again.body).toEqual(first.body);
  });

  it('say 404 for a tenant that is none, and for a key of another tenant', async () => {
    const [one, other] = [await newTenant(), await newTenant()];
    const operator = { bearer: OPERATOR_TOKEN };
    const none = '/v1/operator/tenants/ten_none/api-keys';
    expect((await call('GET', none, operator)).status).toBe(404);
    expect((await call('POST', none, { ...operator, body: { name: 'X' } })).status).toBe(404);
    const crossed = `/v1/operator/tenants/${one.id}/api-keys/${other.key.id}`;
    expect((await call('DELETE', crossed, operator)).status).toBe(404);
    expect(await status(other.key.key)).toBe(200);
  });

  it('are closed to a tenant’s own key', async () => {
    const { id, key } = await newTenant();
    expect((await call('GET', `/v1/operator/tenants/${id}/api-keys`, { bearer: key.key })).status).toBe(401);
  });
});
