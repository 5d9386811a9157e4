import { z } from 'zod';
import {
  changeRoleRequestSchema,
  listQuerySchema,
  memberListSchema,
  memberSchema,
} from '../../../../contracts/tenants.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { auditOf, recordAudit } from '../../../audit/index.ts';
import { changeRole, leaveTenant, listMembers, memberOf, removeMember } from '../../member-service.ts';
import { contextOf } from '../context-of.ts';
import { memberView, pageView, TAG } from './views.ts';

const params = z.object({ user_id: z.string() });

export const listMembersOperation = operation({
  operationId: 'listMembers',
  method: 'get',
  path: '/v1/members',
  tag: TAG,
  summary: 'List the members of the tenant',
  access: { kind: 'principal', permission: 'members:read' },
  query: listQuerySchema,
  responses: { 200: { description: 'A page of members, the first joined first.', schema: memberListSchema } },
  async handler({ c, query, principal }) {
    const { members, nextCursor } = await listMembers(contextOf(c), principal, query);
    return c.json(pageView(members.map(memberView), nextCursor));
  },
});

export const changeMemberRole = operation({
  operationId: 'changeMemberRole',
  method: 'patch',
  path: '/v1/members/{user_id}',
  tag: TAG,
  summary: 'Give a member another role',
  description:
    'It holds everywhere within five seconds. The owner’s role changes only by handing the tenant over.',
  access: { kind: 'principal', permission: 'members:write' },
  params,
  body: changeRoleRequestSchema,
  responses: { 200: { description: 'The member.', schema: memberSchema } },
  errors: [404, 409],
  async handler({ c, params, body, principal }) {
    const context = contextOf(c);
    const before = memberView(await memberOf(context, principal, params.user_id));
    const after = memberView(await changeRole(context, principal, params.user_id, body.role));
    await recordAudit(auditOf(c, principal), {
      action: 'member.role_changed',
      object: { type: 'member', id: params.user_id },
      before,
      after,
    });
    return c.json(after);
  },
});

export const removeMemberOperation = operation({
  operationId: 'removeMember',
  method: 'delete',
  path: '/v1/members/{user_id}',
  tag: TAG,
  summary: 'Remove a member',
  description: 'Their keys for this tenant are revoked, and stop everywhere within five seconds.',
  access: { kind: 'principal', permission: 'members:write' },
  params,
  responses: { 200: { description: 'The member, as they were.', schema: memberSchema } },
  errors: [404, 409],
  async handler({ c, params, principal }) {
    const before = memberView(await removeMember(contextOf(c), principal, params.user_id));
    await recordAudit(auditOf(c, principal), {
      action: 'member.removed',
      object: { type: 'member', id: params.user_id },
      before,
    });
    return c.json(before);
  },
});

export const leaveTenantOperation = operation({
  operationId: 'leaveTenant',
  method: 'post',
  path: '/v1/members/leave',
  tag: TAG,
  summary: 'Leave the tenant',
  description: 'One’s keys for it are revoked. Its owner cannot leave, and nobody leaves their own space.',
  access: { kind: 'principal', permission: 'members:leave' },
  responses: { 204: { description: 'Left.' } },
  errors: [409],
  async handler({ c, principal }) {
    await leaveTenant(contextOf(c), principal);
    await recordAudit(auditOf(c, principal), {
      action: 'member.left',
      object: { type: 'member', id: principal.userId },
    });
    return c.body(null, 204);
  },
});
