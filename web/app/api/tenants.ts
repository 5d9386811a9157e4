import type { z } from 'zod';
import type {
  GIVEN_ROLES,
  InvitationView,
  MemberView,
  TenantView,
  tenantDeletionSchema,
} from '../../../src/contracts/tenants.ts';
import { ask } from './client.ts';
import type { Page } from './pages-of.ts';

export type GivenRole = (typeof GIVEN_ROLES)[number];

export const createTenant = (name: string, idempotencyKey: string) =>
  ask<TenantView>('POST', '/v1/tenants', { body: { name }, idempotencyKey });

export const readTenant = (id: string, signal?: AbortSignal) =>
  ask<TenantView>('GET', `/v1/tenants/${id}`, { signal });

export const renameTenant = (id: string, name: string) =>
  ask<TenantView>('PATCH', `/v1/tenants/${id}`, { body: { name } });

export const deleteTenant = (id: string, name: string) =>
  ask<z.infer<typeof tenantDeletionSchema>>('DELETE', `/v1/tenants/${id}`, { body: { name } });

export const transferTenant = (id: string, userId: string) =>
  ask<MemberView>('POST', `/v1/tenants/${id}/transfer`, { body: { user_id: userId } });

export const listMembers = (cursor: string | undefined, signal?: AbortSignal) =>
  ask<Page<MemberView>>('GET', '/v1/members', { query: { limit: 100, cursor }, signal });

export const changeRole = (userId: string, role: GivenRole) =>
  ask<MemberView>('PATCH', `/v1/members/${userId}`, { body: { role } });

export const removeMember = (userId: string) => ask<MemberView>('DELETE', `/v1/members/${userId}`);

export const leaveTenant = () => ask<undefined>('POST', '/v1/members/leave');

export const listInvitations = (cursor: string | undefined, signal?: AbortSignal) =>
  ask<Page<InvitationView>>('GET', '/v1/invitations', { query: { limit: 50, cursor }, signal });

export const invite = (email: string, role: GivenRole) =>
  ask<InvitationView>('POST', '/v1/invitations', { body: { email, role } });

export const revokeInvitation = (id: string) => ask<InvitationView>('DELETE', `/v1/invitations/${id}`);

export const invitationsForMe = (signal?: AbortSignal) =>
  ask<Page<InvitationView>>('GET', '/v1/invitations/mine', { signal });

export const acceptInvitation = (token: string) =>
  ask<TenantView>('POST', '/v1/invitations/accept', { body: { token } });

export const declineInvitation = (token: string) =>
  ask<undefined>('POST', '/v1/invitations/decline', { body: { token } });
