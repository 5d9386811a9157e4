import { and, desc, eq, gt, inArray, lt } from 'drizzle-orm';
import type { NoticeView } from '../../contracts/notices.ts';
import type { Principal } from '../../contracts/principal.ts';
import { deleteOlder, tenantDb } from '../../platform/db.ts';
import { ParallaxError } from '../../platform/errors.ts';
import { noticeMarks, notices } from './schema.ts';

/** How long notices are kept. */
export const NOTICE_RETENTION_DAYS = 90;
/** Up to where unread ones are counted. */
const COUNTED = 100;

/** Something to tell people in the web app. */
export interface Notice {
  /** The same for every attempt to tell the same thing: it is told once. */
  readonly id: string;
  /** `managers` are owners and admins; else everyone in the tenant, or one person by their id. */
  readonly audience: 'managers' | 'everyone' | `usr_${string}`;
  readonly kind: NoticeView['kind'];
  readonly title: string;
  readonly body: string;
  /** A path of the web app, or null. */
  readonly link: string | null;
  /** When it happened, in milliseconds. */
  readonly at: number;
}

/** Tells people of a tenant something, once for each id however often it is tried. */
export async function addNotice(
  d1: D1Database,
  principal: Pick<Principal, 'tenantId'>,
  { at, ...notice }: Notice,
): Promise<void> {
  await tenantDb(d1, principal).insert(notices, [{ ...notice, createdAt: at }]);
}

type Reader = Pick<Principal, 'tenantId' | 'userId' | 'role'>;

export interface NoticePage {
  readonly data: readonly NoticeView[];
  readonly nextCursor: string | null;
  readonly unread: number;
}

/** What a person was told in a tenant, newest first. Throws `invalid_parameter` for a cursor that no list gave. */
export async function listNotices(
  d1: D1Database,
  principal: Reader,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<NoticePage> {
  if (cursor !== undefined && !/^[1-9]\d{0,14}$/.test(cursor))
    throw new ParallaxError('invalid_parameter', '`cursor` is not one that a list gave.', {
      param: 'cursor',
    });
  const before = cursor === undefined ? undefined : lt(notices.seq, Number(cursor));
  const db = tenantDb(d1, principal);
  const [rows, mark] = await Promise.all([
    db.select(notices, {
      where: and(forReader(principal), before),
      orderBy: desc(notices.seq),
      limit: limit + 1,
    }),
    markOf(d1, principal),
  ]);
  const page = rows.slice(0, limit);
  return {
    data: page.map((row) => ({
      id: row.id,
      object: 'notice',
      kind: row.kind,
      title: row.title,
      body: row.body,
      link: row.link,
      read: row.seq <= mark,
      created_at: new Date(row.createdAt).toISOString(),
    })),
    nextCursor: rows.length > limit ? String(page.at(-1)?.seq) : null,
    unread: await countUnread(d1, principal, mark),
  };
}

/**
 * Marks a notice and all before it as read by a person; never fewer than were read before. Returns how many are left. Throws `not_found` for a notice that
 * is not theirs.
 */
export async function readNotices(d1: D1Database, principal: Reader, upTo: string): Promise<number> {
  const db = tenantDb(d1, principal);
  const last = await db.first(notices, and(eq(notices.id, upTo), forReader(principal)));
  if (last === undefined)
    throw new ParallaxError('not_found', 'There is no such notice.', { param: 'up_to' });
  await db.insert(noticeMarks, [{ userId: principal.userId, seq: last.seq }]);
  await db.update(
    noticeMarks,
    { seq: last.seq },
    and(eq(noticeMarks.userId, principal.userId), lt(noticeMarks.seq, last.seq)),
  );
  return countUnread(d1, principal, await markOf(d1, principal));
}

/** Deletes notices that are past their time. */
export async function forgetOldNotices(d1: D1Database, now: number): Promise<void> {
  await deleteOlder(d1, notices, notices.createdAt, now - NOTICE_RETENTION_DAYS * 24 * 60 * 60 * 1000);
}

async function markOf(d1: D1Database, principal: Reader): Promise<number> {
  return (
    (await tenantDb(d1, principal).first(noticeMarks, eq(noticeMarks.userId, principal.userId)))?.seq ?? 0
  );
}

async function countUnread(d1: D1Database, principal: Reader, mark: number): Promise<number> {
  const where = and(forReader(principal), gt(notices.seq, mark));
  return (await tenantDb(d1, principal).select(notices, { where, limit: COUNTED })).length;
}

/** What a person is told: what is for everyone, for their role, and for themselves. */
function forReader({ userId, role }: Reader) {
  const managers = role === 'owner' || role === 'admin' ? ['managers'] : [];
  return inArray(notices.audience, ['everyone', userId, ...managers]);
}
