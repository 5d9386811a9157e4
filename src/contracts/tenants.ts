import { z } from 'zod';
import { ROLES } from './principal.ts';

/**
 * Tenants, who belongs to them, and how people come to. The tenant is always the credential's own, but for the list of one's tenants and for
 * invitations that are answered: those go to the person.
 *
 * | route | body → answer |
 * | --- | --- |
 * | `GET /v1/tenants`, `POST /v1/tenants` | → `tenantList`; `newTenantRequest` → `tenant` |
 * | `GET`, `PATCH`, `DELETE /v1/tenants/{id}` | → `tenant`; `renameTenantRequest` → `tenant`; `deleteTenantRequest` → 202 `tenantDeletion` |
 * | `POST /v1/tenants/{id}/transfer` | `transferRequest` → `member`, the new owner |
 * | `GET /v1/members`, `PATCH`, `DELETE /v1/members/{user_id}` | → `memberList`; `changeRoleRequest` → `member`; → `member`, as it was |
 * | `POST /v1/members/leave` | → 204 |
 * | `GET`, `POST /v1/invitations`, `DELETE /v1/invitations/{id}` | → `invitationList`; `inviteRequest` → `invitation`; → `invitation` |
 * | `GET /v1/invitations/mine` | → `invitationList`: those that wait for the signed-in person |
 * | `POST /v1/invitations/accept`, `/decline` | `answerInvitationRequest` → `tenant`; 204 |
 */

/** A name that people read: no control characters, and none that turn the direction of text. */
const tenantName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}\u202a-\u202e\u2066-\u2069]*$/u, { error: 'must not have control characters' });

export const roleSchema = z.enum(ROLES);

/** Roles that somebody can be given. Who owns a tenant is changed by handing it over. */
export const GIVEN_ROLES = ['admin', 'member', 'viewer'] as const;

export const tenantSchema = z
  .object({
    id: z.string(),
    object: z.literal('tenant'),
    name: z.string(),
    role: roleSchema.meta({ description: 'What the person who asks may do there.' }),
    personal: z
      .boolean()
      .meta({ description: 'A person’s own space: nobody else joins it, and it goes with the account.' }),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'Tenant' });
export type TenantView = z.infer<typeof tenantSchema>;

export const tenantListSchema = z
  .object({ object: z.literal('list'), data: z.array(tenantSchema) })
  .meta({ id: 'TenantList' });

export const newTenantRequestSchema = z.strictObject({ name: tenantName }).meta({ id: 'NewTenantRequest' });
export const renameTenantRequestSchema = z
  .strictObject({ name: tenantName })
  .meta({ id: 'RenameTenantRequest' });

export const deleteTenantRequestSchema = z
  .strictObject({
    name: z
      .string()
      .meta({ description: 'The tenant’s name, typed again: what goes with it cannot be brought back.' }),
  })
  .meta({ id: 'DeleteTenantRequest' });

export const tenantDeletionSchema = z
  .object({
    id: z.string(),
    object: z.literal('tenant_deletion'),
    status: z.enum(['under_way', 'done']),
    started_at: z.iso.datetime(),
    finished_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'TenantDeletion' });

export const transferRequestSchema = z
  .strictObject({ user_id: z.string().min(1).max(100) })
  .meta({ id: 'TransferRequest' });

export const memberSchema = z
  .object({
    object: z.literal('member'),
    user_id: z.string(),
    name: z.string(),
    email: z.string(),
    role: roleSchema,
    joined_at: z.iso.datetime(),
  })
  .meta({ id: 'Member' });
export type MemberView = z.infer<typeof memberSchema>;

const page = { has_more: z.boolean(), next_cursor: z.string().nullable() };

export const memberListSchema = z
  .object({ object: z.literal('list'), data: z.array(memberSchema), ...page })
  .meta({ id: 'MemberList' });

export const changeRoleRequestSchema = z
  .strictObject({ role: z.enum(GIVEN_ROLES) })
  .meta({ id: 'ChangeRoleRequest' });

export const INVITATION_STATES = ['waiting', 'accepted', 'declined', 'revoked', 'expired'] as const;

export const invitationSchema = z
  .object({
    id: z.string(),
    object: z.literal('invitation'),
    email: z.string(),
    role: z.enum(GIVEN_ROLES),
    status: z.enum(INVITATION_STATES),
    tenant: z.object({ id: z.string(), name: z.string() }),
    created_at: z.iso.datetime(),
    expires_at: z.iso.datetime(),
  })
  .meta({ id: 'Invitation' });
export type InvitationView = z.infer<typeof invitationSchema>;

export const invitationListSchema = z
  .object({ object: z.literal('list'), data: z.array(invitationSchema), ...page })
  .meta({ id: 'InvitationList' });

export const inviteRequestSchema = z
  .strictObject({ email: z.email().max(254), role: z.enum(GIVEN_ROLES).default('member') })
  .meta({ id: 'InviteRequest' });

/** The token of the mail's link, `/invitation#token=…`: it works once, for the address that was invited. */
export const answerInvitationRequestSchema = z
  .strictObject({ token: z.string().min(1).max(100) })
  .meta({ id: 'AnswerInvitationRequest' });

export const listQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(200).optional().meta({ description: '`next_cursor` of the page before.' }),
});
