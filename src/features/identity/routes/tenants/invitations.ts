import { z } from 'zod';
import {
  answerInvitationRequestSchema,
  invitationListSchema,
  invitationSchema,
  inviteRequestSchema,
  listQuerySchema,
  tenantSchema,
} from '../../../../contracts/tenants.ts';
import { ParallaxError } from '../../../../platform/errors.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { mailerOf } from '../../../../platform/mail/index.ts';
import { auditOf, recordAudit } from '../../../audit/index.ts';
import { ownOrigin } from '../../accounts/index.ts';
import { invitationMail } from '../../invitation-mail.ts';
import {
  acceptInvitation,
  declineInvitation,
  invitationsFor,
  invite,
  listInvitations,
  revokeInvitation,
} from '../../invitation-service.ts';
import { memberOf } from '../../member-service.ts';
import { contextOf } from '../context-of.ts';
import { invitationView, pageView, personIn, TAG, tenantView } from './views.ts';

export const inviteOperation = operation({
  operationId: 'invite',
  method: 'post',
  path: '/v1/invitations',
  tag: TAG,
  summary: 'Invite somebody by e-mail',
  description:
    'The mail’s link works once, for a week, for somebody who has confirmed that address. Inviting an address again replaces the invitation before.',
  access: { kind: 'principal', permission: 'members:write' },
  body: inviteRequestSchema,
  responses: { 201: { description: 'The invitation.', schema: invitationSchema } },
  errors: [409, 429, 503],
  async handler({ c, body, principal }) {
    const context = contextOf(c);
    const { invitation, token } = await invite(context, principal, body);
    const { name } = await memberOf(context, principal, principal.userId);
    const mail = invitationMail({
      to: invitation.email,
      tenantName: invitation.tenantName,
      role: invitation.role,
      invitedBy: name,
      origin: ownOrigin(c.req.raw, context.config),
      token,
    });
    try {
      await mailerOf(c.env, context.config, context.clock).send(mail);
    } catch (error) {
      // Nobody has the link: an invitation that waits for it would only be in the way.
      await revokeInvitation(context, principal, invitation.id);
      c.var.log.error('an invitation could not be mailed', { error });
      throw new ParallaxError(
        'unavailable',
        'The mail could not be sent, so nobody was invited. Please try again.',
        {
          retryAfterMs: 60_000,
          cause: error,
        },
      );
    }
    const view = invitationView(invitation, context.clock.now());
    await recordAudit(auditOf(c, principal), {
      action: 'invitation.sent',
      object: { type: 'invitation', id: view.id },
      after: view,
    });
    return c.json(view, 201);
  },
});

export const listInvitationsOperation = operation({
  operationId: 'listInvitations',
  method: 'get',
  path: '/v1/invitations',
  tag: TAG,
  summary: 'List the tenant’s invitations',
  access: { kind: 'principal', permission: 'members:read' },
  query: listQuerySchema,
  responses: {
    200: { description: 'A page, newest first, answered ones too.', schema: invitationListSchema },
  },
  async handler({ c, query, principal }) {
    const context = contextOf(c);
    const { invitations, nextCursor } = await listInvitations(context, principal, query);
    const now = context.clock.now();
    return c.json(
      pageView(
        invitations.map((one) => invitationView(one, now)),
        nextCursor,
      ),
    );
  },
});

export const listOwnInvitations = operation({
  operationId: 'listOwnInvitations',
  method: 'get',
  path: '/v1/invitations/mine',
  tag: TAG,
  summary: 'List the invitations that wait for one’s answer',
  description: 'By one’s confirmed address. They are answered with the token of the mail.',
  access: { kind: 'person' },
  responses: { 200: { description: 'All of them, newest first.', schema: invitationListSchema } },
  async handler({ c, person }) {
    const context = contextOf(c);
    const now = context.clock.now();
    const mine = await invitationsFor(context, person);
    return c.json(
      pageView(
        mine.map((one) => invitationView(one, now)),
        null,
      ),
    );
  },
});

export const revokeInvitationOperation = operation({
  operationId: 'revokeInvitation',
  method: 'delete',
  path: '/v1/invitations/{id}',
  tag: TAG,
  summary: 'Take an invitation back',
  description: 'Its link works no more. One that was answered stays as it is.',
  access: { kind: 'principal', permission: 'members:write' },
  params: z.object({ id: z.string() }),
  responses: { 200: { description: 'The invitation.', schema: invitationSchema } },
  errors: [404],
  async handler({ c, params, principal }) {
    const context = contextOf(c);
    const invitation = await revokeInvitation(context, principal, params.id);
    const view = invitationView(invitation, context.clock.now());
    await recordAudit(auditOf(c, principal), {
      action: 'invitation.revoked',
      object: { type: 'invitation', id: view.id },
      after: view,
    });
    return c.json(view);
  },
});

export const acceptInvitationOperation = operation({
  operationId: 'acceptInvitation',
  method: 'post',
  path: '/v1/invitations/accept',
  tag: TAG,
  summary: 'Join the tenant that one is invited to',
  access: { kind: 'person' },
  body: answerInvitationRequestSchema,
  responses: { 200: { description: 'The tenant.', schema: tenantSchema } },
  errors: [403, 404],
  async handler({ c, person, body }) {
    const { tenant, invitationId } = await acceptInvitation(contextOf(c), person, body.token);
    await recordAudit(auditOf(c, personIn(tenant.id, person)), {
      action: 'invitation.accepted',
      object: { type: 'invitation', id: invitationId },
      after: { user_id: person.userId, role: tenant.role },
    });
    return c.json(tenantView(tenant));
  },
});

export const declineInvitationOperation = operation({
  operationId: 'declineInvitation',
  method: 'post',
  path: '/v1/invitations/decline',
  tag: TAG,
  summary: 'Turn an invitation down',
  access: { kind: 'person' },
  body: answerInvitationRequestSchema,
  responses: { 204: { description: 'Declined.' } },
  errors: [403, 404],
  async handler({ c, person, body }) {
    const { id, tenantId } = await declineInvitation(contextOf(c), person, body.token);
    await recordAudit(auditOf(c, personIn(tenantId, person)), {
      action: 'invitation.declined',
      object: { type: 'invitation', id },
    });
    return c.body(null, 204);
  },
});
