import { z } from 'zod';
import { connectedAppListSchema, disconnectedAppSchema } from '../../../contracts/oauth.ts';
import { iso } from '../../../platform/clock.ts';
import { ParallaxError } from '../../../platform/errors.ts';
import { operation } from '../../../platform/http/operation.ts';
import { auditOf, recordAudit } from '../../audit/index.ts';
import { memberSince, ownOrigin } from '../../identity/index.ts';
import { forgetApp } from '../app-leases.ts';
import { endApp, listApps } from '../apps.ts';
import { grantOwner } from '../grant-owner.ts';
import { oauthServer } from '../server.ts';

const TAG = 'Connected apps';

export const listConnectedApps = operation({
  operationId: 'listConnectedApps',
  method: 'get',
  path: '/v1/connected-apps',
  tag: TAG,
  summary: 'Apps that you let act for you in this tenant',
  access: { kind: 'principal', permission: 'apps:read' },
  responses: { 200: { description: 'Newest first, at most 200.', schema: connectedAppListSchema } },
  async handler({ c, principal }) {
    const since = await memberSince(c.env, principal.userId, principal.tenantId);
    const rows = since === null ? [] : await listApps(c.env.DB, principal, since);
    return c.json({
      object: 'list',
      data: rows.map((row) => ({
        id: row.id,
        object: 'connected_app' as const,
        client: { name: row.clientName, host: row.clientHost },
        redirect_host: row.redirectHost,
        tenant_id: row.tenantId,
        scopes: [...row.scopes],
        created_at: iso(row.createdAt),
        last_used_at: row.lastUsedAt === null ? null : iso(row.lastUsedAt),
      })),
    });
  },
});

export const disconnectApp = operation({
  operationId: 'disconnectApp',
  method: 'delete',
  path: '/v1/connected-apps/{id}',
  tag: TAG,
  summary: 'Disconnect an app',
  description: 'Its tokens work nowhere any more within five seconds, and it can get no new ones.',
  access: { kind: 'principal', permission: 'apps:write' },
  params: z.object({ id: z.string().max(60) }),
  responses: { 200: { description: 'It is disconnected.', schema: disconnectedAppSchema } },
  errors: [404],
  async handler({ c, principal, params: { id } }) {
    const ended = await endApp(c.env.DB, principal, id, c.var.clock);
    if (ended === null) throw new ParallaxError('not_found', 'You have no such connected app.');
    forgetApp(id);
    // Its row has ended, so whatever is left of its grant counts no more.
    if (ended.grantId !== null) {
      const { api } = await oauthServer(ownOrigin(c.req.raw, c.var.config));
      await api(c.env).revokeGrant(ended.grantId, grantOwner(principal));
    }
    await recordAudit(auditOf(c, principal), {
      action: 'app.disconnected',
      object: { type: 'connected_app', id },
    });
    return c.json({ id, object: 'deleted' as const });
  },
});
