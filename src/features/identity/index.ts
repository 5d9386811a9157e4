/** Identity: who a request acts for. Tenants, users, members and API keys. What the app, other slices and `UserLimiter`'s shell may use. */
import type { Operation } from '../../platform/http/operation.ts';
import { accountOperations } from './accounts/index.ts';
import { createApiKey } from './routes/create-api-key.ts';
import { createOperatorTenant } from './routes/create-tenant.ts';
import { createTenantApiKey } from './routes/create-tenant-api-key.ts';
import { getMe } from './routes/get-me.ts';
import { listApiKeys } from './routes/list-api-keys.ts';
import { listTenantApiKeys } from './routes/list-tenant-api-keys.ts';
import { revokeApiKey } from './routes/revoke-api-key.ts';
import { revokeTenantApiKey } from './routes/revoke-tenant-api-key.ts';
import { rotateApiKey } from './routes/rotate-api-key.ts';
import { tenantOperations } from './routes/tenants/index.ts';
import { updateApiKey } from './routes/update-api-key.ts';

export {
  forgetOldAccountRows,
  hasSessionCookie,
  noteExport,
  notePlace,
  ownOrigin,
  requireSameOrigin,
  sessionPerson,
  sessionPrincipal,
  unseenPlace,
} from './accounts/index.ts';
export {
  admit,
  admitPrincipal,
  authenticate,
  authenticatePage,
  isOperator,
  keepSlots,
  leasedRole,
  reportTokens,
  takeTokens,
  tokensAreDue,
} from './authenticate.ts';
export { expectedTokens, usedTokens } from './expected-tokens.ts';
export { writeKeyToIndex } from './key-index.ts';
export { mailboxOf } from './mailbox.ts';
export {
  createPersonalTenant,
  type Membership,
  managersOf,
  memberSince,
  membershipOf,
  personalTenantId,
  tenantsOf,
} from './membership.ts';
export { personMarks } from './person-marks.ts';
export { ruleOfMinute, rulesOf, type UserRules } from './rates.ts';
export { type Refusal, refused } from './refusals.ts';
export type { RateState } from './request-grants.ts';
export type { Pass } from './request-leases.ts';
export { apiKeys, KEY_KINDS, type KeyKind, members, tenantDeletions, tenants, users } from './schema.ts';
export { dropSignUpCode, type SignUpCode, signUpCodeOf, waitingSignUpCodes } from './sign-up-codes.ts';
export { type Holding, type Holdings, lendSlots, SLOT_LEASE_MS } from './slots.ts';
export {
  leaveAllTenants,
  openDeletions,
  sweepTenant,
  type TenantDeletion,
  tenantTables,
} from './tenant-deletion.ts';
export { type CreatedTenant, createTenant } from './tenant-service.ts';
export {
  type Bucket,
  type BucketRule,
  fullBucket,
  giveBack,
  lendable,
  refilled,
  take,
  waitFor,
} from './token-bucket.ts';
export type { TokenState, TokensTaken } from './token-leases.ts';
export {
  lendTokens,
  type TokenQuestion,
  type TokensLent,
  type TokensSettled,
} from './token-lending.ts';
export type {
  Bearer,
  Country,
  KeepQuestion,
  Kept,
  KeyLease,
  KeyRecord,
  LeaseQuestion,
  LendQuestion,
  Lent,
  MemberLease,
  NewKey,
  Rotated,
  SpendAnswer,
  SpendQuestion,
  SpendStanding,
  UserLimiterRpc,
} from './user-limiter.ts';
export { callLimiter } from './user-limiter.ts';

export const identityOperations: readonly Operation[] = [
  getMe,
  createApiKey,
  listApiKeys,
  updateApiKey,
  rotateApiKey,
  revokeApiKey,
  createOperatorTenant,
  createTenantApiKey,
  listTenantApiKeys,
  revokeTenantApiKey,
  ...tenantOperations,
  ...accountOperations,
];
