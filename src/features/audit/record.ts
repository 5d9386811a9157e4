import type { Principal } from '../../contracts/principal.ts';
import type { Clock } from '../../platform/clock.ts';
import { newId } from '../../platform/ids.ts';
import type { Logger } from '../../platform/log.ts';
import { callAuditChain } from './audit-chain.ts';
import { digestOf } from './chain.ts';
import { type Actor, actorOf, type NewAuditEntry } from './entry.ts';

/** Where something was done, and by whom. */
export interface AuditContext {
  readonly env: Pick<Env, 'AUDIT_CHAIN' | 'AUDIT_QUEUE'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Who did it: a principal, in its own tenant, or another actor in the tenant that it concerns. */
  readonly principal: Principal | { readonly tenantId: string; readonly actor: Actor };
  readonly requestId?: string | null;
  readonly ip?: string | null;
  readonly country?: string | null;
  readonly userAgent?: string | null;
}

/** What was done. `before` and `after` are objects as clients see them, without secrets; only their digests and the names of what differs are kept. */
export interface AuditedAction {
  /** `thing.done`: `api_key.created`, `member.role_changed`. */
  readonly action: string;
  readonly object: { readonly type: string; readonly id: string };
  readonly before?: unknown;
  readonly after?: unknown;
  readonly risk?: number;
}

/** A message of the audit queue. */
export interface AuditMessage {
  readonly version: 1;
  readonly tenantId: string;
  readonly entry: NewAuditEntry;
}

const MOST_CHARACTERS = 300;

/**
 * Records something that was done, after it was done. Never throws: what was done stands. Where the chain cannot be reached the entry goes through a queue and
 * takes its place later; should even that fail, it is in the log of the platform.
 */
export async function recordAudit(context: AuditContext, action: AuditedAction): Promise<void> {
  const { env, log, principal } = context;
  const { tenantId } = principal;
  const entry = entryFor(context, action);
  try {
    await callAuditChain(env, tenantId, (chain) => chain.append(tenantId, [entry]));
  } catch (error) {
    try {
      const message: AuditMessage = { version: 1, tenantId, entry };
      await env.AUDIT_QUEUE.send(message, { contentType: 'json' });
      log.warn('the audit chain could not be reached; the entry follows through the queue', { error });
    } catch (second) {
      log.error('an audit entry could not be recorded', { tenant: tenantId, entry, error: second });
    }
  }
}

function entryFor(
  context: AuditContext,
  { action, object, before, after, risk }: AuditedAction,
): NewAuditEntry {
  const { principal, clock } = context;
  const now = clock.now();
  return {
    id: newId('auditEntry', now),
    at: now,
    actor: 'actor' in principal ? principal.actor : actorOf(principal),
    action,
    target: { type: object.type, id: cut(object.id) ?? '' },
    before: before === undefined ? null : digestOf(before),
    after: after === undefined ? null : digestOf(after),
    changed: changedFields(before, after),
    requestId: context.requestId ?? null,
    ip: cut(context.ip),
    country: cut(context.country),
    userAgent: cut(context.userAgent),
    risk: risk ?? null,
  };
}

/** Names of the members of two objects that differ; null where there is nothing to compare. Pure. */
export function changedFields(before: unknown, after: unknown): readonly string[] | null {
  if (!isObject(before) || !isObject(after)) return null;
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.filter((name) => digestOf(before[name]) !== digestOf(after[name]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function cut(text: string | null | undefined): string | null {
  return text === undefined || text === null ? null : text.slice(0, MOST_CHARACTERS);
}
