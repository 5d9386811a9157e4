import { checkoutRequestSchema, checkoutSchema } from '../../../contracts/billing.ts';
import { iso } from '../../../platform/clock.ts';
import { operation } from '../../../platform/http/operation.ts';
import { auditOf, recordAudit } from '../../audit/index.ts';
import { ownOrigin } from '../../identity/index.ts';
import { beginCheckout } from '../checkout.ts';
import { contextOf, onceKeyOf, TAG } from './context-of.ts';

export const postCheckout = operation({
  operationId: 'createCheckout',
  method: 'post',
  path: '/v1/billing/checkout',
  tag: TAG,
  summary: 'Buy credit or a plan',
  description:
    'Gives the address of Stripe’s page. Coming back from it grants nothing: credit is there as soon as Stripe reports the payment, usually within seconds. A retry with the same `Idempotency-Key` gets the same checkout.',
  access: { kind: 'principal', permission: 'billing:write' },
  body: checkoutRequestSchema,
  responses: { 201: { description: 'The checkout.', schema: checkoutSchema } },
  errors: [404, 409, 503],
  async handler({ c, principal, body }) {
    const where = { origin: ownOrigin(c.req.raw, c.var.config), onceKey: onceKeyOf(c) };
    const session = await beginCheckout(contextOf(c), principal, body, where);
    await recordAudit(auditOf(c, principal), {
      action: 'checkout.begun',
      object: { type: 'checkout', id: session.id },
      after: body,
    });
    const { id, url, expires_at } = session;
    return c.json({ id, object: 'checkout', url, expires_at: iso(expires_at * 1000) }, 201);
  },
});
