import type { Admission, AppContext } from '../../platform/http/context.ts';
import { type Nano, ZERO } from '../../platform/money.ts';
import { SSE_HEADERS } from '../../platform/sse.ts';
import type { ModelTarget, WireFormat } from '../providers/index.ts';
import { answerHeaders } from './answer-headers.ts';
import type { CallRecord } from './call-record.ts';
import type { ClientCall } from './client-call.ts';
import { takeTurn } from './idempotent-answers.ts';
import { cacheWish, responseCache } from './response-cache.ts';
import { MAX_STORED_LENGTH, replayStream, type StoredAnswer } from './stored-answer.ts';

/** An answer that was there already, and by which right it is given again. */
export interface FoundAnswer {
  readonly answer: StoredAnswer;
  readonly by: 'cache' | 'idempotency';
}

/** Where the answer to a request may be found and is kept: the tenant's cache, an `Idempotency-Key`'s record, or both. */
export interface AnswerStore {
  readonly headers: Readonly<Record<string, string>>;
  find(): Promise<FoundAnswer | null>;
  /** Keeps the answer; null when there is none to keep. Never rejects: what cannot be kept is logged, and made anew another time. */
  keep(body: string | null, format: WireFormat, target: ModelTarget, cost: Nano): Promise<void>;
  /** There will be no answer. */
  release(): Promise<void>;
}

/** The store of a request that wants one; null for all others, which pay nothing for it. Throws as `takeTurn` and `cacheWish`. */
export async function answerStore(
  c: AppContext,
  call: ClientCall,
  admission: Admission,
  callId: string,
): Promise<AnswerStore | null> {
  const { headers } = c.req.raw;
  const key = headers.get('idempotency-key');
  const maxAgeS = cacheWish(headers, admission.cacheMaxAgeS);
  if (key === null && maxAgeS === null) return null;
  const clock = c.get('clock');
  const log = c.get('log');
  const { principal } = admission;
  const now = clock.now();
  const cache = maxAgeS === null ? null : await responseCache(principal.tenantId, call, maxAgeS, now);
  const turn = key === null ? null : await takeTurn(c.env.DB, principal, call, key, callId, now);
  const mine = turn?.kind === 'mine' ? turn : null;
  const attempt = async (what: string, work: Promise<void> | undefined) => {
    try {
      await work;
    } catch (error) {
      log.warn(`an answer could not be ${what}`, { error });
    }
  };
  return {
    headers: maxAgeS === null ? {} : { 'x-parallax-cache': 'miss' },
    async find() {
      if (turn?.kind === 'answered') return { answer: turn.answer, by: 'idempotency' };
      const answer = (await cache?.find()) ?? null;
      if (answer === null) return null;
      if (mine !== null) await attempt('kept for its idempotency key', mine.keep(answer));
      return { answer, by: 'cache' };
    },
    async keep(body, format, { modelId, provider }, costNano) {
      if (body === null) {
        await attempt('released', mine?.release());
        return;
      }
      const answer = { format, body, modelId, provider, costNano, storedAt: clock.now() };
      await attempt('kept for its idempotency key', mine?.keep(answer));
      if (body.length <= MAX_STORED_LENGTH) await attempt('kept in the cache', cache?.keep(answer));
    },
    release: () => attempt('released', mine?.release()),
  };
}

/** Gives an answer again, whole or as a stream at full speed. It costs nothing, and says that it was there already. */
export function answerStored(
  c: AppContext,
  call: ClientCall,
  admission: Admission,
  record: CallRecord,
  { answer, by }: FoundAnswer,
): Response {
  if (by === 'cache') record.cached(answer);
  const age = Math.max(0, Math.floor((c.get('clock').now() - answer.storedAt) / 1_000));
  // What the first request cost stands in the answer to its repetition, which is that same answer; one from the cache is another call, and free.
  const cost = by === 'cache' ? ZERO : answer.costNano;
  const more: Record<string, string> =
    by === 'cache' ? { 'x-parallax-cache': 'hit', age: String(age) } : { 'idempotency-replayed': 'true' };
  const headers = answerHeaders({
    surface: call.surface,
    requestId: c.get('requestId'),
    rate: admission.rate,
    contentType: call.stream ? (SSE_HEADERS['content-type'] ?? '') : 'application/json',
    target: answer,
    cost: call.stream ? null : cost,
    more,
  });
  c.set('sealed', true);
  const { wantsUsage } = call;
  return new Response(call.stream ? replayStream(answer, { wantsUsage, costNano: cost }) : answer.body, {
    headers,
  });
}
