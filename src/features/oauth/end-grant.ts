import type { AppContext } from '../../platform/http/context.ts';
import { auditOf, recordAudit, SYSTEM } from '../audit/index.ts';
import { ownOrigin } from '../identity/index.ts';
import { forgetApp } from './app-leases.ts';
import { endAppOfGrant } from './apps.ts';
import { claimsOf, grantOwner } from './grant-owner.ts';
import { oauthServer } from './server.ts';

/**
 * Ends the connection that a code or token belongs to, which must be known to be genuine: in the database first, which counts, then in KV. Nothing happens
 * where it has ended.
 */
export async function endGrant(c: AppContext, token: string, reason: 'reuse' | 'revoked'): Promise<void> {
  const claims = claimsOf(token);
  if (claims === null) return;
  const { tenantId, userId, grantId } = claims;
  const app = await endAppOfGrant(c.env.DB, { tenantId, userId }, grantId, c.var.clock);
  if (app === null) return;
  forgetApp(app.id);
  const api = (await oauthServer(ownOrigin(c.req.raw, c.var.config))).api(c.env);
  await api.revokeGrant(grantId, grantOwner(claims));
  await recordAudit(auditOf(c, { tenantId, actor: SYSTEM }), {
    action: reason === 'reuse' ? 'app.ended_for_reuse' : 'app.revoked',
    object: { type: 'connected_app', id: app.id },
  });
}
