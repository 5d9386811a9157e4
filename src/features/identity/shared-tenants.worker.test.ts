import { env } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { Browser, mailsTo, newAddress } from './accounts/test-browser.ts';
import {
  actFor,
  invited,
  keyOf,
  memberOf,
  meWith,
  somebody,
  tenantOf,
} from './people-and-tenants.fixture.ts';
import { OPERATOR_TOKEN } from './test-support.ts';

describe('a tenant that somebody makes', () => {
  it('is theirs, stands in their list beside their own space, and can be renamed', async () => {
    const owner = await somebody();
    const id = await tenantOf(owner, 'Acme');
    const { body } = await owner.browser.get('/v1/tenants');
    expect(body.data).toMatchObject([
      { name: 'Ada', role: 'owner', personal: true },
      { id, name: 'Acme', role: 'owner', personal: false },
    ]);
    const renamed = await owner.browser.ask('PATCH', `/v1/tenants/${id}`, { body: { name: 'Acme Labs' } });
    expect(renamed.body).toMatchObject({ id, name: 'Acme Labs' });
  });

  it('is made once for the same Idempotency-Key', async () => {
    const owner = await somebody();
    const headers = { 'idempotency-key': '"once"' };
    const ask = (name: string) => owner.browser.ask('POST', '/v1/tenants', { body: { name }, headers });
    const [first, again] = [await ask('Acme'), await ask('Acme')];
    expect(again.body.id).toBe(first.body.id);
    expect((await ask('Other')).status).toBe(422);
    expect((await owner.browser.get('/v1/tenants')).body.data).toHaveLength(2);
  });

  it('is a 404 to strangers, and to its members while they act for another tenant', async () => {
    const [owner, stranger] = [await somebody(), await somebody()];
    const id = await tenantOf(owner);
    for (const method of ['GET', 'DELETE', 'PATCH'])
      expect(
        (
          await stranger.browser.ask(method, `/v1/tenants/${id}`, {
            body: method === 'GET' ? undefined : { name: 'Acme' },
          })
        ).status,
      ).toBe(404);
    const other = await tenantOf(owner, 'Other');
    expect((await owner.browser.get(`/v1/tenants/${id}`)).status).toBe(404);
    expect((await owner.browser.get(`/v1/tenants/${other}`)).status).toBe(200);
  });
});

describe('an invitation', () => {
  it('makes the invited person a member with the role, once', async () => {
    const owner = await somebody();
    const id = await tenantOf(owner);
    const guest = await somebody();
    const token = await invited(owner, guest.email.toUpperCase(), 'viewer').catch(() =>
      invited(owner, guest.email, 'viewer'),
    );
    expect((await guest.browser.get('/v1/invitations/mine')).body.data).toMatchObject([
      { tenant: { id, name: 'Acme' } },
    ]);
    expect((await guest.browser.post('/v1/invitations/accept', { token })).body).toMatchObject({
      id,
      role: 'viewer',
    });
    expect((await guest.browser.get('/v1/invitations/mine')).body.data).toEqual([]);
    await actFor(guest, id);
    const list = await guest.browser.get('/v1/members');
    expect(list.body.data.map(({ email, role }) => [email, role])).toEqual([
      [owner.email, 'owner'],
      [guest.email, 'viewer'],
    ]);
    // Removed, they do not come back by the same link.
    expect((await owner.browser.ask('DELETE', `/v1/members/${guest.userId}`)).status).toBe(200);
    expect((await guest.browser.post('/v1/invitations/accept', { token })).status).toBe(404);
  });

  it('that is stolen is worth nothing to another address, and one that is guessed neither', async () => {
    const owner = await somebody();
    await tenantOf(owner);
    const [guest, thief] = [await somebody(), await somebody()];
    const token = await invited(owner, guest.email);
    const stolen = await thief.browser.post('/v1/invitations/accept', { token });
    const guessed = await thief.browser.post('/v1/invitations/accept', { token: 'x'.repeat(43) });
    expect([stolen.status, stolen.body.detail]).toEqual([404, guessed.body.detail]);
    expect((await thief.browser.post('/v1/invitations/decline', { token })).status).toBe(404);
    expect((await guest.browser.post('/v1/invitations/accept', { token })).status).toBe(200);
  });

  it('is answered once when two browsers follow its link at the same moment', async () => {
    const owner = await somebody();
    await tenantOf(owner);
    const guest = await somebody();
    const token = await invited(owner, guest.email);
    const both = await Promise.all([
      guest.browser.post('/v1/invitations/accept', { token }),
      guest.browser.post('/v1/invitations/decline', { token }),
    ]);
    expect(both.filter(({ status }) => status < 300)).toHaveLength(1);
  });

  it('ends when it is taken back, declined, too old, or replaced by a newer one', async () => {
    const owner = await somebody();
    await tenantOf(owner);
    const guest = await somebody();
    const accept = async (token: string) =>
      (await guest.browser.post('/v1/invitations/accept', { token })).status;
    const first = await invited(owner, guest.email);
    const [waiting] = (await owner.browser.get('/v1/invitations')).body.data;
    expect((await owner.browser.ask('DELETE', `/v1/invitations/${waiting?.id}`)).body).toMatchObject({
      status: 'revoked',
    });
    expect(await accept(first)).toBe(404);
    await owner.browser.post('/v1/invitations', { email: guest.email });
    await owner.browser.post('/v1/invitations', { email: guest.email });
    const tokens = (await mailsTo(guest.email)).flatMap(
      ({ text }) => /invitation#token=(\S+)/.exec(text)?.[1] ?? [],
    );
    expect(tokens).toHaveLength(3);
    const open = [];
    await env.DB.prepare('UPDATE invitations SET expires_at = 1 WHERE email = ?').bind(guest.email).run();
    for (const token of tokens) if ((await accept(token)) === 200) open.push(token);
    expect(open).toEqual([]);
    const last = await invited(owner, guest.email);
    expect((await guest.browser.post('/v1/invitations/decline', { token: last })).status).toBe(204);
    expect(await accept(last)).toBe(404);
  });

  it('keeps no token that a copy of the database would give away, and says the token in the mail alone', async () => {
    const owner = await somebody();
    await tenantOf(owner);
    const email = newAddress();
    const token = await invited(owner, email);
    const rows = await env.DB.prepare('SELECT * FROM invitations WHERE email = ?').bind(email).all();
    expect(JSON.stringify(rows.results)).not.toContain(token);
    expect(JSON.stringify((await owner.browser.get('/v1/invitations')).body)).not.toContain(token);
  });

  it('is sent by owners and admins, never to one’s own space or to a member, and not without end', async () => {
    const owner = await somebody();
    expect((await owner.browser.post('/v1/invitations', { email: newAddress() })).status).toBe(409);
    const id = await tenantOf(owner);
    const [member, admin] = [await memberOf(owner, id, 'member'), await memberOf(owner, id, 'admin')];
    expect((await member.browser.post('/v1/invitations', { email: newAddress() })).status).toBe(403);
    expect((await admin.browser.post('/v1/invitations', { email: member.email })).status).toBe(409);
    expect((await admin.browser.post('/v1/invitations', { email: newAddress(), role: 'owner' })).status).toBe(
      422,
    );
    await env.DB.prepare(
      "INSERT INTO invitations (id, tenant_id, email, role, token_hash, invited_by, created_at, expires_at) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) SELECT ? || i, ?, 'x', 'member', ? || i, 'usr', ?, 0 FROM n",
    )
      .bind(`inv_${id}`, id, id, Date.now())
      .run();
    expect((await admin.browser.post('/v1/invitations', { email: newAddress() })).status).toBe(429);
  });
});

describe('a member', () => {
  it('who gets another role has it with their key and their browser, and no longer the old one', async () => {
    const owner = await somebody();
    const id = await tenantOf(owner);
    const member = await memberOf(owner, id, 'member');
    const { key } = await keyOf(member);
    expect(await meWith(key)).toBe('200');
    const changed = await owner.browser.ask('PATCH', `/v1/members/${member.userId}`, {
      body: { role: 'viewer' },
    });
    expect(changed.body).toMatchObject({ role: 'viewer' });
    expect((await member.browser.post('/v1/api-keys', { name: 'More' })).status).toBe(403);
    const stub = env.USER_LIMITER.getByName(member.userId);
    expect(await stub.checkMember(id)).toMatchObject({ value: { role: 'viewer' } });
  });

  it('who is removed loses the tenant, and their keys for it are revoked while those for other tenants go on', async () => {
    const owner = await somebody();
    const id = await tenantOf(owner);
    const member = await memberOf(owner, id);
    const { key } = await keyOf(member);
    const personal = (await member.browser.get('/v1/tenants')).body.data.find(
      ({ personal }) => personal === true,
    );
    await actFor(member, String(personal?.id));
    const own = await keyOf(member);
    await actFor(member, id);
    expect((await owner.browser.ask('DELETE', `/v1/members/${member.userId}`)).status).toBe(200);
    expect(await meWith(key)).toBe('401 revoked');
    expect(await meWith(own.key)).toBe('200');
    expect((await member.browser.get('/v1/members')).status).toBe(403);
    const listed = (await owner.browser.get('/v1/api-keys')).body.data;
    expect(listed).toMatchObject([{ revoked_at: expect.any(String) }]);
  });

  it('who leaves has left; an owner cannot, and nobody leaves their own space', async () => {
    const owner = await somebody();
    expect((await owner.browser.post('/v1/members/leave')).body).toMatchObject({
      status: 409,
      reason: 'personal',
    });
    const id = await tenantOf(owner);
    const member = await memberOf(owner, id, 'viewer');
    expect((await owner.browser.post('/v1/members/leave')).body).toMatchObject({
      status: 409,
      reason: 'owner',
    });
    expect((await member.browser.post('/v1/members/leave')).status).toBe(204);
    expect((await member.browser.get('/v1/members')).status).toBe(403);
  });

  it('who is an admin manages all but the owner', async () => {
    const owner = await somebody();
    const id = await tenantOf(owner);
    const [admin, other] = [await memberOf(owner, id, 'admin'), await memberOf(owner, id, 'admin')];
    const change = (userId: string, role: string) =>
      admin.browser.ask('PATCH', `/v1/members/${userId}`, { body: { role } });
    expect((await change(other.userId, 'member')).status).toBe(200);
    expect((await change(owner.userId, 'viewer')).body).toMatchObject({ status: 409, reason: 'owner' });
    expect((await admin.browser.ask('DELETE', `/v1/members/${owner.userId}`)).status).toBe(409);
    expect((await change(other.userId, 'owner')).status).toBe(422);
    expect((await admin.browser.post(`/v1/tenants/${id}/transfer`, { user_id: admin.userId })).status).toBe(
      403,
    );
  });

  it('cannot be made of a stranger by their id', async () => {
    const [owner, stranger] = [await somebody(), await somebody()];
    const id = await tenantOf(owner);
    const change = await owner.browser.ask('PATCH', `/v1/members/${stranger.userId}`, {
      body: { role: 'admin' },
    });
    expect(change.status).toBe(404);
    expect(
      (await owner.browser.post(`/v1/tenants/${id}/transfer`, { user_id: stranger.userId })).status,
    ).toBe(404);
  });

  it('stands in the list once, however it is paged', async () => {
    const owner = await somebody();
    const id = await tenantOf(owner);
    await memberOf(owner, id);
    await memberOf(owner, id);
    const seen: unknown[] = [];
    let cursor = '';
    do {
      const { body } = await owner.browser.get(`/v1/members?limit=1${cursor}`);
      seen.push(...body.data.map(({ user_id }) => user_id));
      cursor = body.next_cursor === null ? '' : `&cursor=${body.next_cursor}`;
    } while (cursor !== '');
    expect(new Set(seen).size).toBe(3);
    expect(seen).toHaveLength(3);
    expect((await owner.browser.get('/v1/members?cursor=nonsense')).status).toBe(422);
  });
});

describe('a tenant that is handed over', () => {
  it('has the member as its owner and who owned it as an admin, and one owner at every moment', async () => {
    const owner = await somebody();
    const id = await tenantOf(owner);
    const [heir, other] = [await memberOf(owner, id, 'viewer'), await memberOf(owner, id, 'viewer')];
    const answers = await Promise.all([
      owner.browser.post(`/v1/tenants/${id}/transfer`, { user_id: heir.userId }),
      owner.browser.post(`/v1/tenants/${id}/transfer`, { user_id: other.userId }),
    ]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const roles = await env.DB.prepare('SELECT role FROM members WHERE tenant_id = ? ORDER BY role')
      .bind(id)
      .all<{ role: string }>();
    expect(roles.results.map(({ role }) => role)).toEqual(['admin', 'owner', 'viewer']);
    expect((await owner.browser.ask('DELETE', `/v1/tenants/${id}`, { body: { name: 'Acme' } })).status).toBe(
      403,
    );
  });
});

describe('what people do with a tenant', () => {
  it('stands in its audit trail, with who did it', async () => {
    const owner = await somebody();
    const id = await tenantOf(owner);
    const member = await memberOf(owner, id);
    const { id: key } = await keyOf(member);
    await owner.browser.ask('PATCH', `/v1/members/${member.userId}`, { body: { role: 'admin' } });
    await owner.browser.post(`/v1/tenants/${id}/transfer`, { user_id: member.userId });
    await owner.browser.post('/v1/members/leave');
    const { body } = await member.browser.get('/v1/audit?limit=100');
    const seen = body.data.map(({ action, actor, object, target }) =>
      JSON.stringify([
        action,
        (actor as { id: string }).id,
        ((object ?? target) as { id?: string }).id ?? '',
      ]),
    );
    expect(seen.map((line) => JSON.parse(line)[0]).reverse()).toEqual([
      'tenant.created',
      'invitation.sent',
      'invitation.accepted',
      'api_key.created',
      'member.role_changed',
      'tenant.transferred',
      'member.left',
    ]);
    expect(body.data.some((entry) => JSON.stringify(entry).includes(key))).toBe(true);
    expect(JSON.stringify(body.data.at(-1))).toContain(owner.userId);
  });
});

describe('the operator’s token', () => {
  it('is no person: it opens no tenant', async () => {
    const browser = new Browser();
    const { status } = await browser.ask('GET', '/v1/tenants', {
      headers: { authorization: `Bearer ${OPERATOR_TOKEN}` },
    });
    expect(status).toBe(401);
  });
});
