import type { z } from 'zod';
import type { differenceSchema } from '../../contracts/reconciliation.ts';
import { iso } from '../../platform/clock.ts';
import type { DifferenceRow } from './schema.ts';

/** A difference as an operator sees it. */
export function differenceView(row: DifferenceRow): z.infer<typeof differenceSchema> {
  const { tenantId, kind, subject, expected, found, amountNano, firstSeenAt, lastSeenAt, resolvedAt } = row;
  return {
    object: 'difference',
    tenant_id: tenantId,
    kind,
    subject,
    expected,
    found,
    amount_nano_usd: amountNano,
    first_seen_at: iso(firstSeenAt),
    last_seen_at: iso(lastSeenAt),
    resolved_at: resolvedAt === null ? null : iso(resolvedAt),
  };
}
