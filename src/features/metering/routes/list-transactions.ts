import { transactionListQuerySchema, transactionListSchema } from '../../../contracts/credits.ts';
import { ParallaxError, unwrap } from '../../../platform/errors.ts';
import { operation } from '../../../platform/http/operation.ts';
import { transactionView } from '../credit-view.ts';
import { callLedger } from '../tenant-ledger.ts';

export const listTransactions = operation({
  operationId: 'listTransactions',
  method: 'get',
  path: '/v1/credits/transactions',
  tag: 'Money',
  summary: 'Every change of the tenant’s credit',
  description:
    'Newest first, from the ledger itself. Each says what the balance was after it, so that the list can be added up from any point.',
  access: { kind: 'principal', permission: 'credits:read' },
  query: transactionListQuerySchema,
  responses: { 200: { description: 'A page of transactions.', schema: transactionListSchema } },
  errors: [503],
  async handler({ c, principal, query }) {
    const { tenantId } = principal;
    const { limit, cursor } = query;
    const found = unwrap(
      await callLedger(c.env, tenantId, (ledger) =>
        ledger.transactions(tenantId, cursor === undefined ? null : numberOf(cursor), limit + 1),
      ),
    );
    const page = found.slice(0, limit);
    const more = found.length > limit;
    return c.json({
      object: 'list',
      data: page.map(transactionView),
      has_more: more,
      next_cursor: more ? String(page.at(-1)?.seq) : null,
    });
  },
});

/** A cursor is the number of the last transaction that was seen. */
function numberOf(cursor: string): number {
  if (/^[1-9]\d{0,14}$/.test(cursor)) return Number(cursor);
  throw new ParallaxError('invalid_parameter', '`cursor` is not one that a list gave.', { param: 'cursor' });
}
