import { rewrappedSchema, rewrapRequestSchema } from '../../../contracts/vault.ts';
import { operation } from '../../../platform/http/operation.ts';
import { rewrapSome } from '../rewrap.ts';

export const rewrapVault = operation({
  operationId: 'rewrapVault',
  method: 'post',
  path: '/v1/operator/vault/rewrap',
  tag: 'Operator',
  summary: 'Bring tenants’ data keys under the current master key',
  description:
    'After a new version was put at the head of `VAULT_MASTER_KEY`. Up to 200 at a time; nothing has to stop for it, and it may be repeated. The old version may be taken out when nothing remains and none has failed.',
  access: { kind: 'operator' },
  body: rewrapRequestSchema,
  responses: { 200: { description: 'How many were wrapped anew.', schema: rewrappedSchema } },
  errors: [503],
  async handler({ c, body: { after } }) {
    const { nextAfter, ...some } = await rewrapSome(c.env.DB, c.var.config, c.get('log'), after);
    return c.json({ object: 'rewrapped', ...some, next_after: nextAfter });
  },
});
