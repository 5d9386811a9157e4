import { env, listDurableObjectIds } from 'cloudflare:test';
import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { platformDb } from '../../platform/db.ts';
import { apiKeys, members, tenants, users } from './schema.ts';
import { call, newTenant, OPERATOR_TOKEN, type ProblemBody, type TenantBody } from './test-support.ts';

const PATH = '/v1/operator/tenants';
const create = <Body = TenantBody>(body: object, headers: Record<string, string> = {}) =>
  call<Body>('POST', PATH, { bearer: OPERATOR_TOKEN, body, headers });
const db = platformDb(env.DB);
const email = () => `${crypto.randomUUID()}@example.com`;

describe('an operator makes a tenant', () => {
  it('with an owner and a first key that works at once', async () => {
    const address = email();
    const { status, headers, body } = await create({ name: 'Acme', email: address.toUpperCase() });
    expect(status).toBe(201);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toMatchObject({ object: 'tenant', name: 'Acme', owner: { email: address } });
    expect(body.key.key).toMatch(/^plx_sk_[A-Za-z0-9_-]{64}$/);
    const me = await call('GET', '/v1/me', { bearer: body.key.key });
    expect(me.status).toBe(200);
    expect(me.body).toMatchObject({
      tenant: { id: body.id, name: 'Acme' },
      user: { id: body.owner.id, email: address },
      key_id: body.key.id,
    });
    expect((await call('GET', '/v1/me', { headers: { 'x-api-key': body.key.key } })).status).toBe(200);
  });

  it('and nobody else can', async () => {
    const { key } = await newTenant();
    const body = { name: 'Mine', email: email() };
    expect((await call('POST', PATH, { body })).status).toBe(401);
    expect((await call('POST', PATH, { body, bearer: key.key })).status).toBe(401);
    expect((await call('POST', PATH, { body, bearer: `${OPERATOR_TOKEN}x` })).status).toBe(401);
    expect(await db.select().from(tenants).where(eq(tenants.name, 'Mine'))).toEqual([]);
  });

  it('and a second one for the same address, in any case, is refused and leaves nothing', async () => {
    const first = await newTenant();
    const objects = await listDurableObjectIds(env.USER_LIMITER);
    const again = await create<ProblemBody>({ name: 'Second', email: first.owner.email.toUpperCase() });
    expect(again.status).toBe(409);
    expect(again.body).toMatchObject({ code: 'conflict', tenant_id: first.id });
    expect(await db.select().from(tenants).where(eq(tenants.name, 'Second'))).toEqual([]);
    expect(await listDurableObjectIds(env.USER_LIMITER)).toHaveLength(objects.length);
  });

  it('and of two requests for one address at the same moment one wins whole', async () => {
    const address = email();
    const both = await Promise.all([
      create({ name: 'Race A', email: address }),
      create({ name: 'Race B', email: address }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
    const winner = both.find(({ status }) => status === 201)?.body;
    expect((await call('GET', '/v1/me', { bearer: winner?.key.key ?? '' })).status).toBe(200);
    const [user, ...others] = await db.select().from(users).where(eq(users.email, address));
    expect(others).toEqual([]);
    const membership = await db
      .select()
      .from(members)
      .where(eq(members.userId, user?.id ?? ''));
    expect(membership).toMatchObject([{ tenantId: winner?.id, role: 'owner' }]);
  });

  it('and a retry with the same Idempotency-Key gets the same tenant and the same key', async () => {
    const body = { name: 'Once', email: email(), key_name: 'Laptop' };
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const first = await create(body, headers);
    const again = await create(body, headers);
    expect(again.status).toBe(201);
    expect(again.body).toEqual(first.body);
    const together = await Promise.all([create(body, headers), create(body, headers)]);
    expect(together.map((one) => one.body)).toEqual([first.body, first.body]);
    expect(await db.select().from(apiKeys).where(eq(apiKeys.tenantId, first.body.id))).toHaveLength(1);
  });

  it('and of two first attempts with one Idempotency-Key both get the same', async () => {
    const body = { name: 'Twins', email: email() };
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const [one, other] = await Promise.all([create(body, headers), create(body, headers)]);
    expect([one.status, other.status]).toEqual([201, 201]);
    expect(other.body).toEqual(one.body);
  });

  it('and an Idempotency-Key used for another request is refused', async () => {
    const headers = { 'idempotency-key': crypto.randomUUID() };
    await create({ name: 'One', email: email() }, headers);
    const other = await create<ProblemBody>({ name: 'Other', email: email() }, headers);
    expect(other.status).toBe(422);
    expect(other.body.code).toBe('idempotency_mismatch');
  });

  it('and one that was stopped before its last step is finished by its retry', async () => {
    const body = { name: 'Stopped', email: email() };
    const headers = { 'idempotency-key': crypto.randomUUID() };
    await env.DB.exec('ALTER TABLE members RENAME TO members_away');
    const stopped = await create<ProblemBody>(body, headers);
    await env.DB.exec('ALTER TABLE members_away RENAME TO members');
    expect(stopped.status).toBe(500);
    expect(await db.select().from(users).where(eq(users.email, body.email))).toEqual([]);
    const retried = await create(body, headers);
    expect(retried.status).toBe(201);
    expect((await call('GET', '/v1/me', { bearer: retried.body.key.key })).status).toBe(200);
    expect(await db.select().from(apiKeys).where(eq(apiKeys.tenantId, retried.body.id))).toHaveLength(1);
  });

  it.each([
    ['an address that is none', { name: 'X', email: 'nobody' }, 'email'],
    ['an empty name', { name: '  ', email: 'a@example.com' }, 'name'],
    ['a field that is not known', { name: 'X', email: 'a@example.com', plan: 'pro' }, 'plan'],
  ])('but not with %s', async (_what, body, param) => {
    const answer = await create<ProblemBody>(body);
    expect(answer.status).toBe(422);
    expect(answer.body.param).toBe(param);
  });
});
