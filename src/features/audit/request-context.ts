import type { Principal } from '../../contracts/principal.ts';
import type { AppContext } from '../../platform/http/context.ts';
import { OPERATOR } from './entry.ts';
import type { AuditContext } from './record.ts';

/** The audit context of a request that a principal makes in its own tenant. */
export function auditOf(c: AppContext, principal: AuditContext['principal']): AuditContext {
  const { headers, cf } = c.req.raw;
  return {
    env: c.env,
    clock: c.get('clock'),
    log: c.get('log'),
    principal,
    requestId: c.get('requestId'),
    ip: headers.get('cf-connecting-ip'),
    country: typeof cf?.country === 'string' ? cf.country : null,
    userAgent: headers.get('user-agent'),
  };
}

/** The same for the operator, in the tenant that is concerned. */
export function operatorAuditOf(c: AppContext, tenantId: Principal['tenantId']): AuditContext {
  return auditOf(c, { tenantId, actor: OPERATOR });
}
