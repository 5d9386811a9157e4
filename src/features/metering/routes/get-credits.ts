import { creditsSchema } from '../../../contracts/credits.ts';
import { unwrap } from '../../../platform/errors.ts';
import { operation } from '../../../platform/http/operation.ts';
import { creditsView } from '../credit-view.ts';
import { callLedger } from '../tenant-ledger.ts';

export const getCredits = operation({
  operationId: 'getCredits',
  method: 'get',
  path: '/v1/credits',
  tag: 'Money',
  summary: 'The tenant’s credit',
  description:
    'What there is, what is held for calls under way, and what each part of it came from. Credit that ends by itself is spent first.',
  access: { kind: 'principal', permission: 'credits:read' },
  responses: { 200: { description: 'How the credit stands.', schema: creditsSchema } },
  errors: [503],
  async handler({ c, principal }) {
    const { tenantId } = principal;
    const standing = unwrap(await callLedger(c.env, tenantId, (ledger) => ledger.standing(tenantId)));
    return c.json(creditsView(standing));
  },
});
