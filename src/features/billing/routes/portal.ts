import { portalRequestSchema, portalSchema } from '../../../contracts/billing.ts';
import { operation } from '../../../platform/http/operation.ts';
import { ownOrigin } from '../../identity/index.ts';
import { ensureCustomer } from '../customers.ts';
import { askStripe, stripeFor } from '../stripe.ts';
import { contextOf, TAG } from './context-of.ts';

export const postPortal = operation({
  operationId: 'createPortal',
  method: 'post',
  path: '/v1/billing/portal',
  tag: TAG,
  summary: 'Open the customer portal',
  description: 'Gives the address of Stripe’s page for cards, invoices, plan and end of a subscription.',
  access: { kind: 'principal', permission: 'billing:write' },
  body: portalRequestSchema,
  responses: { 201: { description: 'Where it is.', schema: portalSchema } },
  errors: [404, 503],
  async handler({ c, principal }) {
    const stripe = await stripeFor(c.var.config);
    const customer = await ensureCustomer(contextOf(c), principal.tenantId);
    const return_url = `${ownOrigin(c.req.raw, c.var.config)}/billing`;
    const { url } = await askStripe(() => stripe.billingPortal.sessions.create({ customer, return_url }));
    return c.json({ object: 'portal', url }, 201);
  },
});
