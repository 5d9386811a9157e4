import type { Scope } from '../../contracts/principal.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { sha256Hex } from '../../platform/crypto.ts';
import { ParallaxError, unwrap } from '../../platform/errors.ts';
import { claimIdempotencyKey, readIdempotencyKey } from '../../platform/idempotency/claim.ts';
import { newId } from '../../platform/ids.ts';
import { derivedMaterial, type KeyMaterial, randomMaterial } from './key-material.ts';
import { KEY_SECRET_BYTES, shownParts, writeKeyText } from './key-text.ts';
import type { KeyKind } from './schema.ts';
import { signingSecretsOf } from './signing-secrets.ts';
import { callLimiter, type IdentityEnv, type KeyRecord, type NewKey } from './user-limiter.ts';

/** What the services of this slice work with. */
export interface IdentityContext {
  readonly env: IdentityEnv;
  readonly config: Config;
  readonly clock: Clock;
}

/** A key to be made, everything about it decided. */
export interface KeyOrder {
  readonly tenantId: string;
  readonly userId: string;
  readonly name: string;
  readonly kind: KeyKind;
  readonly scopes: readonly Scope[];
  /** Seconds; null: none. */
  readonly cacheMaxAgeS: number | null;
  /** Milliseconds; null: never. */
  readonly expiresAt: number | null;
  readonly limits: KeyLimits;
}

/** What a key may use up, and where a publishable one works. */
export type KeyLimits = Pick<KeyRecord, 'rateLimit' | 'monthlyLimitNano' | 'allowedOrigins'>;

export const NO_LIMITS: KeyLimits = { rateLimit: null, monthlyLimitNano: null, allowedOrigins: [] };

/** A key and its text, which is kept nowhere. */
export interface IssuedKey {
  readonly record: KeyRecord;
  readonly text: string;
}

/** Which new resource a request stands for: its id, and where the bytes of what belongs to it come from. */
export interface Origin {
  readonly id: string;
  readonly material: KeyMaterial;
}

export interface OriginOptions {
  readonly kind: 'apiKey' | 'tenant';
  /** Whom the `Idempotency-Key` belongs to: a tenant's id, or `operator`. */
  readonly tenantId: string;
  /** The route, and whoever else must not share an `Idempotency-Key`. */
  readonly route: string;
  readonly request: unknown;
  readonly idempotencyKey: string | undefined;
}

/**
 * The id of what a request creates. Without an `Idempotency-Key` it is new, and so are the bytes; with one, the same request within 24 hours
 * has the same id and the same bytes, so that a retry gives the same key again although no key is kept.
 */
export async function originOf(context: IdentityContext, options: OriginOptions): Promise<Origin> {
  const { kind, tenantId, route, request, idempotencyKey } = options;
  const now = context.clock.now();
  const fresh = newId(kind, now);
  if (idempotencyKey === undefined) return { id: fresh, material: randomMaterial };
  const claim = { route, key: idempotencyKey, request, resourceId: fresh, now };
  const { resourceId } = await claimIdempotencyKey(context.env.DB, { tenantId }, claim);
  const secrets = await signingSecretsOf(context.config);
  return {
    id: resourceId,
    material: derivedMaterial(secrets, [tenantId, route, resourceId, readIdempotencyKey(idempotencyKey)]),
  };
}

/**
 * Makes a key live in its owner's limiter, which also writes it to the index. May be repeated with the same id and bytes: the key then stands as
 * it does, revoked if it was. Nothing is left half made: before the limiter's one transaction there is no key, after it there is.
 * Throws `ParallaxError` `conflict` when the id was used for another key or the user has too many.
 */
export async function issueKey(
  context: IdentityContext,
  order: KeyOrder,
  id: string,
  material: KeyMaterial,
): Promise<IssuedKey> {
  const { key, text } = await newKeyOf(context, order, id, material);
  const record = unwrap(await callLimiter(context.env, order.userId, (limiter) => limiter.putKey(key)));
  return { record, text };
}

/** A key that is not live yet, and its text. `familyId`: of the key that it takes the place of. */
export async function newKeyOf(
  context: IdentityContext,
  { limits, ...order }: KeyOrder,
  id: string,
  material: KeyMaterial,
  familyId = id,
): Promise<{ readonly key: NewKey; readonly text: string }> {
  const secret = await material.bytes('secret', KEY_SECRET_BYTES);
  const text = await writeKeyText(await signingSecretsOf(context.config), order.kind, order.userId, secret);
  const key = {
    ...order,
    ...limits,
    ...shownParts(text),
    id,
    familyId,
    hash: await sha256Hex(text),
    createdAt: context.clock.now(),
  };
  return { key, text };
}

/** The moment a key ends, from the request's ISO 8601 text. Throws `ParallaxError` `invalid_parameter` for a moment that has passed. */
export function expiryOf(text: string | undefined, now: number): number | null {
  if (text === undefined) return null;
  const expiresAt = Date.parse(text);
  if (!(expiresAt > now)) {
    throw new ParallaxError('invalid_parameter', '`expires_at`: must be in the future.', {
      param: 'expires_at',
    });
  }
  return expiresAt;
}
