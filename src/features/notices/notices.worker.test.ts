import { env } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import type { NoticeView } from '../../contracts/notices.ts';
import { memberOf, type Somebody, somebody, tenantOf } from '../identity/people-and-tenants.fixture.ts';
import { addNotice, forgetOldNotices, NOTICE_RETENTION_DAYS, type Notice } from './notices.ts';

const AT = Date.parse('2026-11-20T12:00:00Z');

let owner: Somebody;
let member: Somebody;
let tenantId: string;

const notice = (id: string, more: Partial<Notice> = {}): Notice => ({
  id,
  audience: 'everyone',
  kind: 'budget',
  title: `Budget ${id}`,
  body: 'Half of it is spent.',
  link: '/budgets',
  at: AT,
  ...more,
});

interface Listed {
  readonly data: readonly NoticeView[];
  readonly unread: number;
  readonly next_cursor: string | null;
}

async function listed({ browser }: Somebody, query = ''): Promise<Listed> {
  const { status, body } = await browser.get(`/v1/notices${query}`);
  expect(status).toBe(200);
  return body as unknown as Listed;
}

const ids = ({ data }: Listed) => data.map(({ id }) => id);

beforeAll(async () => {
  owner = await somebody();
  tenantId = await tenantOf(owner);
  member = await memberOf(owner, tenantId);
}, 60_000);

describe('notices', () => {
  it('are told once for each id, newest first, to those whom they concern', async () => {
    const tell = (one: Notice) => addNotice(env.DB, { tenantId }, one);
    await tell(notice('all'));
    await tell(notice('managers', { audience: 'managers' }));
    await tell(notice('mine', { audience: member.userId as `usr_${string}` }));
    await tell(notice('all', { title: 'Once more' }));
    const theirs = await listed(owner);
    expect(ids(theirs)).toEqual(['managers', 'all']);
    expect(theirs.unread).toBe(2);
    expect(theirs.data[1]).toEqual({
      id: 'all',
      object: 'notice',
      kind: 'budget',
      title: 'Budget all',
      body: 'Half of it is spent.',
      link: '/budgets',
      read: false,
      created_at: '2026-11-20T12:00:00.000Z',
    });
    expect(ids(await listed(member))).toEqual(['mine', 'all']);
  });

  it('are read by each person for themselves, and stay read', async () => {
    const read = ({ browser }: Somebody, up_to: string) => browser.post('/v1/notices/read', { up_to });
    expect((await read(owner, 'managers')).body).toEqual({ unread: 0 });
    expect((await read(owner, 'all')).body).toEqual({ unread: 0 });
    expect((await listed(owner)).data.map((one) => one.read)).toEqual([true, true]);
    expect((await listed(member)).unread).toBe(2);
    // One that is written late, though it happened earlier, is new all the same.
    await addNotice(env.DB, { tenantId }, notice('late', { at: AT - 60_000 }));
    expect((await listed(owner)).unread).toBe(1);
    expect(ids(await listed(owner))[0]).toBe('late');
  });

  it('cannot be read or marked by those whom they do not concern', async () => {
    const stranger = await somebody();
    await tenantOf(stranger, 'Elsewhere');
    expect(await listed(stranger)).toMatchObject({ data: [], unread: 0 });
    for (const [who, id] of [
      [stranger, 'all'],
      [member, 'managers'],
      [owner, 'mine'],
      [owner, 'none'],
    ] as const)
      expect((await who.browser.post('/v1/notices/read', { up_to: id })).status).toBe(404);
    // The same id in another tenant is another notice.
    const { body } = await stranger.browser.get('/v1/session');
    await addNotice(env.DB, { tenantId: body.tenant.id }, notice('all', { title: 'Ours' }));
    expect((await listed(stranger)).data).toMatchObject([{ title: 'Ours' }]);
  });

  it('come page by page, each once, and refuse a cursor that no list gave', async () => {
    const person = await somebody();
    const own = await tenantOf(person, 'Pages');
    for (let n = 0; n < 5; n++) await addNotice(env.DB, { tenantId: own }, notice(`n${n}`));
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Listed = await listed(person, `?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      seen.push(...ids(page));
      cursor = page.next_cursor;
    }
    expect(seen).toEqual(['n4', 'n3', 'n2', 'n1', 'n0']);
    expect((await person.browser.get('/v1/notices?cursor=abc')).status).toBe(422);
  });

  it('are forgotten after their time', async () => {
    const person = await somebody();
    const own = await tenantOf(person, 'Old');
    await addNotice(env.DB, { tenantId: own }, notice('old'));
    await addNotice(env.DB, { tenantId: own }, notice('new', { at: AT + 24 * 60 * 60 * 1000 }));
    await forgetOldNotices(env.DB, AT + NOTICE_RETENTION_DAYS * 24 * 60 * 60 * 1000 + 1);
    expect(ids(await listed(person))).toEqual(['new']);
  });
});
