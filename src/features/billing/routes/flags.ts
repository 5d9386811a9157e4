import { z } from 'zod';
import { iso } from '../../../platform/clock.ts';
import { operation } from '../../../platform/http/operation.ts';
import { listFlags } from '../owners.ts';

const flagSchema = z
  .object({
    id: z.string(),
    object: z.literal('billing_flag'),
    kind: z.string(),
    about: z.string().meta({ description: 'Stripe’s id of what it concerns.' }),
    detail: z.string(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'BillingFlag' });

export const listBillingFlags = operation({
  operationId: 'listBillingFlags',
  method: 'get',
  path: '/v1/operator/billing/flags',
  tag: 'Operator',
  summary: 'List payments that a person should look at',
  description:
    'Money that could not be put where it belongs: another currency, an unknown payer, more refunded than paid, a second subscription.',
  access: { kind: 'operator' },
  query: z.object({ limit: z.coerce.number().int().min(1).max(100).default(50) }),
  responses: {
    200: {
      description: 'The newest first.',
      schema: z.object({ object: z.literal('list'), data: z.array(flagSchema) }),
    },
  },
  async handler({ c, query }) {
    const rows = await listFlags(c.env, query.limit);
    const data = rows.map(({ id, kind, objectId, detail, createdAt }) => ({
      id,
      object: 'billing_flag',
      kind,
      about: objectId,
      detail,
      created_at: iso(createdAt),
    }));
    return c.json({ object: 'list', data });
  },
});
