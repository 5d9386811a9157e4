import type { Principal } from '../contracts/principal.ts';
import { sha256Hex } from '../platform/crypto.ts';

/** Which run a request started, for as long as somebody might cancel it. */
export interface StartedRuns {
  remember(request: StartingRequest, runId: string): Promise<void>;
  find(request: StartingRequest): Promise<string | undefined>;
}

/** A request of a client. Ids are unique within a session only, so without a session nothing can be told apart. */
export interface StartingRequest {
  readonly principal: Principal;
  readonly session: string;
  readonly jsonRpcId: string | number;
}

/** Longer than any client waits for an answer. */
const KEPT_SECONDS = 15 * 60;

/**
 * Kept in the data centre's cache: a client's cancellation follows its call within minutes and through the same data centre, and a loss costs
 * no more than a run that ends by itself. So no storage, no Durable Object and no write to D1 stands behind every call.
 */
export function cachedStartedRuns(cache: Cache): StartedRuns {
  return {
    async remember(request, runId) {
      await cache.put(
        await keyOf(request),
        new Response(runId, { headers: { 'cache-control': `max-age=${KEPT_SECONDS}` } }),
      );
    },
    async find(request) {
      return await (await cache.match(await keyOf(request)))?.text();
    },
  };
}

/** The credential is part of the key: nobody finds, let alone cancels, what another has started. */
async function keyOf({ principal, session, jsonRpcId }: StartingRequest): Promise<string> {
  const parts = [
    principal.tenantId,
    principal.userId,
    principal.keyId ?? '',
    principal.clientId ?? '',
    session,
    typeof jsonRpcId,
    jsonRpcId,
  ];
  return `https://started-runs.parallax.internal/${await sha256Hex(JSON.stringify(parts))}`;
}
