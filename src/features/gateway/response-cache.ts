import { canonicalJson } from '../../platform/canonical-json.ts';
import { sha256Hex } from '../../platform/crypto.ts';
import { ParallaxError } from '../../platform/errors.ts';
import type { ClientCall } from './client-call.ts';
import type { StoredAnswer } from './stored-answer.ts';

/** The longest that an answer may be kept for, in seconds. */
export const MAX_AGE_S = 7 * 24 * 60 * 60;

const CACHE_NAME = 'parallax-answers';

/**
 * How old a kept answer may be that is taken for this request, in seconds; null when none may. The header `x-parallax-cache` says it (`max-age=600`, or
 * `off`), else the key's own setting. Throws `invalid_parameter`.
 */
export function cacheWish(headers: Headers, ofKey: number | null): number | null {
  const wish = headers.get('x-parallax-cache')?.trim().toLowerCase();
  if (wish === undefined || wish === '') return ofKey;
  if (wish === 'off') return null;
  const seconds = Number(/^max-age=(\d{1,7})$/.exec(wish)?.[1] ?? Number.NaN);
  if (seconds >= 1 && seconds <= MAX_AGE_S) return seconds;
  throw new ParallaxError(
    'invalid_parameter',
    `\`x-parallax-cache\` must be "off" or "max-age=SECONDS", at most ${MAX_AGE_S}.`,
    { param: 'x-parallax-cache' },
  );
}

/**
 * Answers that a tenant has had, kept in the data centre that gave them. A request is the same when everything that reaches a model, or chooses
 * it, is the same, member by member; how the answer is delivered does not count. The tenant is part of what is looked for, so that nobody is ever
 * given another's answer. Losing an entry costs a call, no more.
 */
export interface ResponseCache {
  find(): Promise<StoredAnswer | null>;
  keep(answer: StoredAnswer): Promise<void>;
}

/** The cache as it stands for one request. `maxAgeS` bounds what is found and how long what is kept stays. */
export async function responseCache(
  tenantId: string,
  call: ClientCall,
  maxAgeS: number,
  now: number,
): Promise<ResponseCache> {
  const { stream: _stream, stream_options: _options, ...asked } = call.request.body;
  const digest = await sha256Hex(
    canonicalJson({
      tenantId,
      surface: call.surface.feature,
      model: call.model,
      models: call.models,
      provider: call.provider ?? null,
      headers: call.request.headers,
      asked,
    }),
  );
  const address = `https://answers.parallax.invalid/${tenantId}/${digest}`;
  const opened = caches.open(CACHE_NAME);
  return {
    async find() {
      const found = await (await opened).match(address);
      if (found === undefined) return null;
      const answer = await found.json<StoredAnswer>();
      return now - answer.storedAt <= maxAgeS * 1_000 ? answer : null;
    },
    async keep(answer) {
      const headers = { 'content-type': 'application/json', 'cache-control': `max-age=${maxAgeS}` };
      await (await opened).put(address, new Response(JSON.stringify(answer), { headers }));
    },
  };
}
