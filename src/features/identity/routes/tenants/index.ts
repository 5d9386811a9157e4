import type { Operation } from '../../../../platform/http/operation.ts';
import {
  acceptInvitationOperation,
  declineInvitationOperation,
  inviteOperation,
  listInvitationsOperation,
  listOwnInvitations,
  revokeInvitationOperation,
} from './invitations.ts';
import {
  changeMemberRole,
  leaveTenantOperation,
  listMembersOperation,
  removeMemberOperation,
} from './members.ts';
import {
  createSharedTenantOperation,
  deleteTenantOperation,
  getTenant,
  listTenants,
  transferTenantOperation,
  updateTenant,
} from './tenants.ts';

/** Everything that people do with tenants. */
export const tenantOperations: readonly Operation[] = [
  listTenants,
  createSharedTenantOperation,
  getTenant,
  updateTenant,
  deleteTenantOperation,
  transferTenantOperation,
  listMembersOperation,
  changeMemberRole,
  removeMemberOperation,
  leaveTenantOperation,
  inviteOperation,
  listInvitationsOperation,
  listOwnInvitations,
  revokeInvitationOperation,
  acceptInvitationOperation,
  declineInvitationOperation,
];
