import type { SecurityEventKind } from '../../../contracts/accounts.ts';
import { recordAudit } from '../../audit/index.ts';
import type { AccountContext } from './account-context.ts';
import { placeOf } from './place.ts';
import { recordEvent } from './security-events.ts';

/** What of a person's security also concerns the tenant that their session acts for, and how its audit chain names it. */
const AUDITED: Readonly<Partial<Record<SecurityEventKind, string>>> = {
  signed_in: 'person.signed_in',
  locked: 'person.locked',
  unlocked: 'person.unlocked',
  email_changed: 'person.email_changed',
  password_reset: 'person.password_reset',
  sessions_ended: 'person.sessions_ended',
  password_changed: 'person.password_changed',
  two_factor_enabled: 'person.two_factor_enabled',
  two_factor_disabled: 'person.two_factor_disabled',
  backup_codes_renewed: 'person.backup_codes_renewed',
  passkey_added: 'person.passkey_added',
  passkey_removed: 'person.passkey_removed',
};

/**
 * Writes down what somebody did about their account, for themselves, and for the tenant that their session acts for. Other tenants of theirs do not
 * learn of it.
 */
export async function noteEvent(
  context: AccountContext,
  {
    userId,
    tenantId,
    kind,
    risk = 0,
    before,
    after,
  }: {
    readonly userId: string;
    readonly tenantId: string | null;
    readonly kind: SecurityEventKind;
    readonly risk?: number;
    /** What the event changed, without secrets: the chain keeps digests of it. */
    readonly before?: Readonly<Record<string, unknown>>;
    readonly after?: Readonly<Record<string, unknown>>;
  },
): Promise<void> {
  const { env, clock, log, place, requestId } = context;
  await recordEvent(env.DB, clock, { userId, kind, place, risk, requestId });
  const action = AUDITED[kind];
  if (action === undefined || tenantId === null) return;
  const principal = { tenantId, actor: { type: 'user', id: userId, userId } } as const;
  const { ip, country, userAgent } = place;
  await recordAudit(
    { env, clock, log, principal, requestId, ip, country, userAgent },
    { action, object: { type: 'person', id: userId }, risk, before, after },
  );
}

/** Writes down that somebody has taken data out as a file; what it was stands in the tenant's audit chain. */
export async function noteExport(
  { env, clock, requestId, request }: Pick<AccountContext, 'env' | 'clock' | 'requestId' | 'request'>,
  userId: string,
): Promise<void> {
  const place = await placeOf(request);
  await recordEvent(env.DB, clock, { userId, kind: 'data_exported', place, requestId });
}
