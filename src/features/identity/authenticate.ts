import type { Principal } from '../../contracts/principal.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { equalSecrets, sha256Hex } from '../../platform/crypto.ts';
import { unwrap } from '../../platform/errors.ts';
import { KeyLeases } from './key-leases.ts';
import { ownerOfKey, readKeyText } from './key-text.ts';
import { refused } from './refusals.ts';
import { signingSecretsOf } from './signing-secrets.ts';
import { callLimiter, type IdentityEnv } from './user-limiter.ts';

/** This isolate's leases. They hold nothing that differs between requests, and end by themselves. */
const leases = new KeyLeases();

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
): Promise<Principal> {
  const text = keyIn(headers);
  const claim = readKeyText(text);
  if (claim === null) throw refused({ reason: 'malformed' });
  if (claim.kind === 'publishable') throw refused({ reason: 'publishable' });
  const hash = await sha256Hex(text);
  let answer = leases.known(hash, clock);
  if (answer === undefined) {
    const owner = await ownerOfKey(await signingSecretsOf(config), claim);
    if (owner === null) throw refused({ reason: 'unknown' });
    answer = await leases.lease(hash, clock, () =>
      callLimiter(env, owner, (limiter) => limiter.checkKey(hash)),
    );
  }
  const lease = unwrap(answer);
  // A key may expire within its lease.
  if (lease.expiresAt !== null && lease.expiresAt <= clock.now())
    throw refused({ reason: 'expired', at: lease.expiresAt });
  return { tenantId: lease.tenantId, userId: lease.userId, keyId: lease.keyId, scopes: lease.scopes };
}

/** Drops this isolate's lease of a key that it has just revoked; the others' leases end by themselves. */
export function forgetKey(hash: string): void {
  leases.forget(hash);
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
  const sent = [bearerIn(headers), headers.get('x-api-key')?.trim() ?? null].filter(
    (text) => text !== null && text !== '',
  );
  const key = sent.find((text) => text?.startsWith('plx_')) ?? sent[0];
  if (key !== undefined && key !== null) return key;
  throw refused({ reason: headers.has('authorization') ? 'other_scheme' : 'missing' });
}

function bearerIn(headers: Headers): string | null {
  return /^Bearer[ ]+(\S+)$/i.exec(headers.get('authorization')?.trim() ?? '')?.[1] ?? null;
}
