import type { z } from 'zod';
import type { Person } from '../../../../contracts/principal.ts';
import type {
  InvitationView,
  MemberView,
  TenantView,
  tenantDeletionSchema,
} from '../../../../contracts/tenants.ts';
import { iso } from '../../../../platform/clock.ts';
import type { AuditContext } from '../../../audit/index.ts';
import type { Invitation } from '../../invitation-service.ts';
import type { Member } from '../../member-service.ts';
import type { OwnTenant } from '../../shared-tenants.ts';
import type { TenantDeletion } from '../../tenant-deletion.ts';

export function tenantView({ id, name, role, personal, createdAt }: OwnTenant): TenantView {
  return { id, object: 'tenant', name, role, personal, created_at: iso(createdAt) };
}

export function memberView({ userId, name, email, role, joinedAt }: Member): MemberView {
  return { object: 'member', user_id: userId, name, email, role, joined_at: iso(joinedAt) };
}

/** An invitation as it leaves the edge: without its token's hash. */
export function invitationView(row: Invitation, now: number): InvitationView {
  return {
    id: row.id,
    object: 'invitation',
    email: row.email,
    role: row.role,
    status: row.outcome ?? (row.expiresAt <= now ? 'expired' : 'waiting'),
    tenant: { id: row.tenantId, name: row.tenantName },
    created_at: iso(row.createdAt),
    expires_at: iso(row.expiresAt),
  };
}

export function deletionView(row: TenantDeletion): z.infer<typeof tenantDeletionSchema> {
  return {
    id: row.id,
    object: 'tenant_deletion',
    status: row.finishedAt === null ? 'under_way' : 'done',
    started_at: iso(row.startedAt),
    finished_at: row.finishedAt === null ? null : iso(row.finishedAt),
  };
}

/** A person as the one who did something in a tenant that their session does not act for. */
export function personIn(tenantId: string, { userId }: Person): AuditContext['principal'] {
  return { tenantId, actor: { type: 'user', id: userId, userId } };
}

/** A page of a list. */
export function pageView<T>(data: T[], nextCursor: string | null) {
  return { object: 'list' as const, data, has_more: nextCursor !== null, next_cursor: nextCursor };
}

export const TAG = 'Tenants';
