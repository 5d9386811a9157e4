import { eq } from 'drizzle-orm';
import type { Principal } from '../../contracts/principal.ts';
import { deleteOlder, tenantDb } from '../../platform/db.ts';
import { ParallaxError } from '../../platform/errors.ts';
import {
  claimIdempotencyKey,
  IDEMPOTENCY_KEY_AGE_MS,
  releaseIdempotencyKey,
} from '../../platform/idempotency/claim.ts';
import { idTime } from '../../platform/ids.ts';
import type { ClientCall } from './client-call.ts';
import { gatewayAnswers } from './schema.ts';
import { MAX_STORED_LENGTH, type StoredAnswer } from './stored-answer.ts';

/** No call takes longer; a first request that has neither answer nor release by then will never have. Milliseconds. */
const ABANDONED_AFTER_MS = 20 * 60 * 1000;

/** What an `Idempotency-Key` comes to: the first request's answer, or the right to give it. */
export type IdempotentTurn =
  | { readonly kind: 'answered'; readonly answer: StoredAnswer }
  | {
      readonly kind: 'mine';
      /** Keeps the answer for who repeats the request. */
      keep(answer: StoredAnswer): Promise<void>;
      /** There is no answer to keep, and nothing was charged: a repetition starts anew. */
      release(): Promise<void>;
    };

/**
 * Takes the turn of a request with an `Idempotency-Key`. A repetition within 24 hours is given the answer of the first, whole or as a stream, and pays
 * nothing. Throws `ParallaxError`: `conflict` while the first is under way, or when its answer was too large to keep; `idempotency_mismatch` for another
 * request under the same key; `malformed_request` for an unusable key.
 */
export async function takeTurn(
  d1: D1Database,
  principal: Pick<Principal, 'tenantId'>,
  call: ClientCall,
  key: string,
  callId: string,
  now: number,
): Promise<IdempotentTurn> {
  const { stream: _stream, stream_options: _options, ...asked } = call.request.body;
  const claim = {
    route: `POST ${call.surface.feature}`,
    key,
    request: { model: call.model, models: call.models, asked },
    now,
  };
  const db = tenantDb(d1, principal);
  for (let abandoned = false; ; abandoned = true) {
    const { resourceId, replayed } = await claimIdempotencyKey(d1, principal, {
      ...claim,
      resourceId: callId,
    });
    if (!replayed) break;
    const row = await db.first(gatewayAnswers, eq(gatewayAnswers.id, resourceId));
    if (row?.answer != null) return { kind: 'answered', answer: JSON.parse(row.answer) as StoredAnswer };
    if (row !== undefined) throw tooLarge();
    if (abandoned || now - idTime(resourceId) < ABANDONED_AFTER_MS) throw underWay();
    // The machine that had the first request stopped, and nobody will answer it any more.
    await releaseIdempotencyKey(d1, principal, claim);
  }
  return {
    kind: 'mine',
    async keep(answer) {
      const kept = answer.body.length > MAX_STORED_LENGTH ? null : JSON.stringify(answer);
      await db.insert(gatewayAnswers, [{ id: callId, answer: kept, createdAt: now }]);
    },
    release: () => releaseIdempotencyKey(d1, principal, claim),
  };
}

/** Forgets answers past the age of their keys; called by cron. */
export async function forgetOldAnswers(d1: D1Database, now: number): Promise<void> {
  await deleteOlder(d1, gatewayAnswers, gatewayAnswers.createdAt, now - IDEMPOTENCY_KEY_AGE_MS);
}

function underWay(): ParallaxError {
  return new ParallaxError(
    'conflict',
    'The first request with this Idempotency-Key is still under way. Please ask again in a moment.',
    { retryAfterMs: 2_000 },
  );
}

function tooLarge(): ParallaxError {
  return new ParallaxError(
    'conflict',
    'The first request with this Idempotency-Key was answered, and its answer was too large to be kept. Use a new key to ask again.',
  );
}
