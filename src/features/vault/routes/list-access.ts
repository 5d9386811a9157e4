import { and, desc, eq, lt } from 'drizzle-orm';
import { vaultAccessListSchema, vaultAccessQuerySchema } from '../../../contracts/vault.ts';
import { iso } from '../../../platform/clock.ts';
import { tenantDb } from '../../../platform/db.ts';
import { operation } from '../../../platform/http/operation.ts';
import { vaultAccess } from '../schema.ts';
import { TAG } from './context-of.ts';

export const listVaultAccess = operation({
  operationId: 'listVaultAccess',
  method: 'get',
  path: '/v1/vault/access',
  tag: TAG,
  summary: 'When your secrets were opened, and why',
  description:
    'Every opening of a sealed key: newest first; what was opened often for one request is one line with a count. Kept for 400 days.',
  access: { kind: 'principal', permission: 'vaults:read' },
  query: vaultAccessQuerySchema,
  responses: { 200: { description: 'A page of openings.', schema: vaultAccessListSchema } },
  async handler({ c, principal, query: { object_id, limit, cursor } }) {
    const rows = await tenantDb(c.env.DB, principal).select(vaultAccess, {
      where: and(
        object_id === undefined ? undefined : eq(vaultAccess.objectId, object_id),
        cursor === undefined ? undefined : lt(vaultAccess.id, cursor),
      ),
      orderBy: desc(vaultAccess.id),
      limit: limit + 1,
    });
    const page = rows.slice(0, limit);
    return c.json({
      object: 'list',
      data: page.map((row) => ({
        id: row.id,
        object: 'vault_access' as const,
        object_id: row.objectId,
        reason: row.reason,
        user_id: row.userId,
        request_id: row.requestId,
        times: row.times,
        created_at: iso(row.createdAt),
      })),
      has_more: rows.length > limit,
      next_cursor: rows.length > limit ? (page.at(-1)?.id ?? null) : null,
    });
  },
});
