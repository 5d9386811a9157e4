import { reconcileRequestSchema, reconciliationSchema } from '../../../contracts/reconciliation.ts';
import { operation } from '../../../platform/http/operation.ts';
import { operatorAuditOf, recordAudit } from '../../audit/index.ts';
import { requireTenant } from '../../metering/index.ts';
import { writeMirrorAnew } from '../mirror-anew.ts';
import { placeOf, placeText } from '../place.ts';
import { reconcile } from '../reconcile.ts';
import { differenceView } from '../view.ts';

/** Most differences of one answer. */
const SHOWN = 100;

export const postReconcile = operation({
  operationId: 'reconcile',
  method: 'post',
  path: '/v1/operator/reconcile',
  tag: 'Operator',
  summary: 'Compare ledgers with their mirror, with usage and with payments',
  description:
    'As far as one request may go; `next_after` goes on. Transactions that the mirror lacks are sent to it again. Nothing else is mended, and no money is moved: differences are kept, logged and listed.',
  access: { kind: 'operator' },
  body: reconcileRequestSchema,
  responses: { 200: { description: 'What was compared and found.', schema: reconciliationSchema } },
  errors: [404, 503],
  async handler({ c, body: { tenant_id: tenantId, from, to, after, mirror_anew } }) {
    const { clock, config, log } = c.var;
    if (tenantId !== undefined) await requireTenant(c.env.DB, tenantId);
    if (mirror_anew === true && tenantId !== undefined && after === undefined) {
      await writeMirrorAnew(c.env, tenantId);
      await recordAudit(operatorAuditOf(c, tenantId), {
        action: 'ledger.mirrored_anew',
        object: { type: 'ledger', id: tenantId },
      });
    }
    const report = await reconcile(
      { env: c.env, clock, log, retentionDays: config.usageRetentionDays },
      {
        tenantId,
        from: from === undefined ? null : Date.parse(from),
        to: to === undefined ? undefined : Date.parse(to),
        after: after === undefined ? null : placeOf(after),
      },
    );
    const { tenants, failed, transactions, events, purchases, differences, sentAgain, place } = report;
    return c.json({
      object: 'reconciliation',
      tenants,
      failed,
      transactions,
      events,
      purchases,
      found: differences.length,
      differences: differences.slice(0, SHOWN).map(differenceView),
      sent_again: sentAgain,
      remaining: place !== null,
      next_after: place === null ? null : placeText(place),
    });
  },
});
