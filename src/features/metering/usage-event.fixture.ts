import { newId } from '../../platform/ids.ts';
import type { UsageEvent } from './usage-event.ts';

/** A usage event of a tenant's, whatever is not said of it. */
export function eventOf(changes: Partial<UsageEvent> & Pick<UsageEvent, 'tenantId'>): UsageEvent {
  return {
    id: newId('call'),
    at: Date.now(),
    userId: newId('user'),
    keyId: null,
    requestId: newId('request'),
    runId: null,
    feature: 'chat',
    client: 'curl',
    model: 'local/swift',
    provider: 'local',
    keyStrategy: 'platform',
    chosenBy: 'explicit',
    task: null,
    stream: true,
    status: 'ok',
    errorKind: null,
    inputTokens: 10,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 20,
    reasoningTokens: 0,
    estimated: false,
    priced: true,
    costNano: 5,
    chargeNano: 5,
    latencyMs: 100,
    firstTokenMs: null,
    ...changes,
  };
}
