import type { LimitedOperation } from '../../contracts/plans.ts';
import type { Principal, Role } from '../../contracts/principal.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { equalSecrets, sha256Hex } from '../../platform/crypto.ts';
import { ParallaxError, unwrap } from '../../platform/errors.ts';
import { Leases } from './key-leases.ts';
import { type KeyClaim, ownerOfKey, readKeyText } from './key-text.ts';
import { refused } from './refusals.ts';
import { type Pass, RequestLeases, tokensName } from './request-leases.ts';
import { signingSecretsOf } from './signing-secrets.ts';
import type { TokensTaken } from './token-leases.ts';
import type { TokenQuestion } from './token-lending.ts';
import {
  callLimiter,
  type IdentityEnv,
  type KeyLease,
  type LendQuestion,
  type MemberLease,
  principalOf,
} from './user-limiter.ts';

/** This isolate's leases. They hold nothing that differs between requests, and end by themselves. */
const leases = new Leases<KeyLease>();
const memberLeases = new Leases<MemberLease>();
const requestLeases = new RequestLeases();

/**
 * Who a request acts for, by its API key: `Authorization: Bearer plx_sk_…` or `x-api-key`. A forged key costs one hash and one tag and touches no
 * storage; a genuine one costs a call to its owner's `UserLimiter` every five seconds, and one hash in between. Throws `ParallaxError`
 * `unauthenticated` with a sentence for each way to fail, and `unavailable` when the limiter cannot be reached.
 */
export async function authenticate(
  headers: Headers,
  env: Pick<IdentityEnv, 'USER_LIMITER'>,
  config: Config,
  clock: Clock,
  from: Origin = {},
): Promise<Principal> {
  const text = keyIn(headers);
  return principalOf(await leaseOf(text, secretClaim(text), env, config, clock, from));
}

/**
 * Who a page of somebody's acts for, by its publishable key: for opening a widget's session and nothing else, so no other route takes what this
 * gives. The page must be one of those that the key names: browsers send its origin, and whoever is no browser can write what they
 * like there, which is why such a key opens nothing that a tenant has stored. Throws as `authenticate`, and `origin_refused`.
 */
export async function authenticatePage(
  headers: Headers,
  env: Pick<IdentityEnv, 'USER_LIMITER'>,
  config: Config,
  clock: Clock,
  from: Origin = {},
): Promise<Principal> {
  const text = keyIn(headers);
  const claim = readKeyText(text);
  if (claim === null) throw refused({ reason: 'malformed' });
  if (claim.kind !== 'publishable') throw refused({ reason: 'secret' });
  const lease = await leaseOf(text, claim, env, config, clock, from);
  const origin = headers.get('origin');
  if (origin === null || !lease.allowedOrigins.includes(origin)) {
    throw new ParallaxError(
      'origin_refused',
      'This publishable key does not work on this page. Name its origin when you make a key.',
    );
  }
  return principalOf(lease);
}

/** What the limiter lends for a key, or lent lately. Throws as `authenticate`. */
async function leaseOf(
  text: string,
  claim: KeyClaim,
  env: Pick<IdentityEnv, 'USER_LIMITER'>,
  config: Config,
  clock: Clock,
  from: Origin,
): Promise<KeyLease> {
  const hash = await sha256Hex(text);
  let answer = leases.known(hash, clock);
  if (answer === undefined) {
    const owner = await genuineOwner(claim, config);
    answer = await leases.lease(hash, clock, () =>
      callLimiter(env, owner, (limiter) => limiter.checkKey(hash, countryOf(from))),
    );
  }
  const lease = unwrap(answer);
  // A key may expire within its lease.
  if (lease.expiresAt !== null && lease.expiresAt <= clock.now())
    throw refused({ reason: 'expired', at: lease.expiresAt });
  return lease;
}

/**
 * Lets a request in that is limited: who it acts for, one of the requests and one of the slots that its user may have. Within what this isolate
 * was lent that costs no hop, no hash and no storage; otherwise one call to the user's limiter. Release it when the request has ended. Throws
 * what `authenticate` throws, and `rate_limited` with when to come back.
 */
export async function admit(
  headers: Headers,
  operation: LimitedOperation,
  env: Pick<IdentityEnv, 'USER_LIMITER'>,
  config: Config,
  clock: Clock,
  from: Origin = {},
): Promise<Pass> {
  const text = keyIn(headers);
  const owner = () => genuineOwner(secretClaim(text), config);
  return requestLeases.admit(text, operation, clock, {
    async identify() {
      await owner();
      return { hash: await sha256Hex(text) };
    },
    lend: async (question) =>
      callLimiter(env, await owner(), (limiter) => limiter.lend({ ...question, country: countryOf(from) })),
  });
}

/**
 * The same for who came without a key: a browser's session or a connected app. The limits are the user's, the same as those of their keys, and the role is
 * the member's as it stands, at most five seconds old. Within what this isolate was lent it costs no hop. Throws `unauthenticated` when the
 * user is no member of the tenant any more, and `rate_limited`.
 */
export async function admitPrincipal(
  principal: Principal,
  operation: LimitedOperation,
  env: Pick<IdentityEnv, 'USER_LIMITER'>,
  clock: Clock,
): Promise<Pass> {
  const { tenantId, userId } = principal;
  const source = {
    identify: async () => ({ tenantId }),
    lend: (question: LendQuestion) => callLimiter(env, userId, (limiter) => limiter.lend(question)),
  };
  return requestLeases.admit(memberName(tenantId, userId), operation, clock, source, principal);
}

/**
 * Takes so many tokens of what the principal may use in a minute in its tenant. Within what this isolate was lent that costs no hop. Settle it when the
 * request has ended, and then `settleTokens`. Throws `rate_limited` with when to come back.
 */
export function takeTokens(
  { tenantId, userId }: Pick<Principal, 'tenantId' | 'userId'>,
  tokens: number,
  env: Pick<IdentityEnv, 'USER_LIMITER'>,
  clock: Clock,
): Promise<TokensTaken> {
  return requestLeases.tokens.take(tokensName(tenantId, userId), tokens, clock, (question) =>
    callLimiter(env, userId, (limiter) => limiter.lendTokens(tenantId, question)),
  );
}

/** Whether what the principal's requests used is to be told to its limiter now: more than was lent, or much less. */
export function tokensAreDue(
  { tenantId, userId }: Pick<Principal, 'tenantId' | 'userId'>,
  clock: Clock,
): boolean {
  return requestLeases.tokens.isDue(tokensName(tenantId, userId), clock.now());
}

/** Tells it. Never throws: what could not be told goes with the next question. */
export async function reportTokens(
  { tenantId, userId }: Pick<Principal, 'tenantId' | 'userId'>,
  env: Pick<IdentityEnv, 'USER_LIMITER'>,
  clock: Clock,
): Promise<void> {
  const ask = (question: TokenQuestion) =>
    callLimiter(env, userId, (limiter) => limiter.lendTokens(tenantId, question));
  await requestLeases.tokens.report(tokensName(tenantId, userId), clock, ask).catch(() => undefined);
}

/**
 * A user's role in a tenant, at most five seconds old; null when they are no member. For credentials that carry no role, as tokens of connected
 * apps: asks the user's limiter once a lease, never the database.
 */
export async function leasedRole(
  env: Pick<IdentityEnv, 'USER_LIMITER'>,
  userId: string,
  tenantId: string,
  clock: Clock,
): Promise<Role | null> {
  const name = memberName(tenantId, userId);
  const answer =
    memberLeases.known(name, clock) ??
    (await memberLeases.lease(name, clock, () =>
      callLimiter(env, userId, (limiter) => limiter.checkMember(tenantId)),
    ));
  if (!answer.ok && answer.error.details?.reason === 'not_a_member') return null;
  return unwrap(answer).role;
}

/** Under what a member is kept beside the keys. No header can hold a NUL, so nobody can send this as a key. */
function memberName(tenantId: string, userId: string): string {
  return `\0${tenantId} ${userId}`;
}

/** Renews, or gives back, the slots that this isolate holds for the pass's user, when it is time; otherwise does nothing. */
export async function keepSlots(
  pass: Pass,
  env: Pick<IdentityEnv, 'USER_LIMITER'>,
  clock: Clock,
): Promise<void> {
  const now = clock.now();
  if (!pass.wantsKeep(now)) return;
  await pass.keep(now, (question) =>
    callLimiter(env, pass.principal.userId, (limiter) => limiter.keep(question)),
  );
}

/** What a text says that may be a secret key. Throws `unauthenticated` when it has not the form of one. */
function secretClaim(text: string): KeyClaim {
  const claim = readKeyText(text);
  if (claim === null) throw refused({ reason: 'malformed' });
  if (claim.kind === 'publishable') throw refused({ reason: 'publishable' });
  return claim;
}

/** The owner's id. Throws `unauthenticated` for a forgery: nobody can make us create or wake objects by guessing. */
async function genuineOwner(claim: KeyClaim, config: Config): Promise<string> {
  const owner = await ownerOfKey(await signingSecretsOf(config), claim);
  if (owner === null) throw refused({ reason: 'unknown' });
  return owner;
}

/** Drops this isolate's lease of a key that it has just revoked; the others' leases end by themselves. */
export function forgetKey(hash: string): void {
  leases.forget(hash);
  requestLeases.forget(hash);
}

/** Drops what this isolate was lent of a user whose role it has just changed, and of their keys; the others' leases end by themselves. */
export function forgetMember(userId: string): void {
  leases.forgetUser(userId);
  memberLeases.forgetUser(userId);
  requestLeases.forgetUser(userId);
}

/** Whether the bearer is the operator's token. Closed when the deployment has none. */
export async function isOperator(headers: Headers, config: Pick<Config, 'operatorToken'>): Promise<boolean> {
  const token = bearerIn(headers);
  if (config.operatorToken === undefined || token === null) return false;
  return equalSecrets(token, config.operatorToken);
}

/**
 * The key that was sent. Of two, the one that looks like ours: clients made for other services send their own key in `x-api-key` beside
 * the bearer that they were given for us, or the other way round.
 */
function keyIn(headers: Headers): string {
  const usual = headers.get('authorization');
  if (usual !== null && OURS.test(usual)) return usual.slice('Bearer '.length);
  const sent = [bearerIn(headers), headers.get('x-api-key')?.trim() ?? null].filter(
    (text) => text !== null && text !== '',
  );
  const key = sent.find((text) => text?.startsWith('plx_')) ?? sent[0];
  if (key !== undefined && key !== null) return key;
  throw refused({ reason: headers.has('authorization') ? 'other_scheme' : 'missing' });
}

/** Where the edge says that a request comes from: `request.cf`. */
interface Origin {
  readonly cf?: Request['cf'];
}

function countryOf({ cf }: Origin): string | null {
  const country = cf?.country;
  return typeof country === 'string' && /^[A-Z0-9]{2}$/.test(country) ? country : null;
}

/** What nearly every request has: our own key and nothing to decide. */
const OURS = /^Bearer plx_\S+$/;

function bearerIn(headers: Headers): string | null {
  return /^Bearer[ ]+(\S+)$/i.exec(headers.get('authorization')?.trim() ?? '')?.[1] ?? null;
}
