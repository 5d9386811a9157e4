/** Usage events, for tests. */
import type { UsageEvent } from '../../src/features/metering/index.ts';

/** An event of an answered chat call, with what a test says otherwise of it. */
export function usageEvent(more: Partial<UsageEvent> & { readonly id: string }): UsageEvent {
  return {
    at: Date.parse('2026-11-20T12:00:00Z'),
    tenantId: 'ten_1',
    userId: 'usr_1',
    keyId: null,
    requestId: 'req_1',
    runId: null,
    feature: 'chat',
    client: null,
    model: 'openai/gpt-6-sol',
    provider: 'openai',
    keyStrategy: 'platform',
    chosenBy: 'auto',
    task: null,
    stream: true,
    status: 'ok',
    errorKind: null,
    inputTokens: 100,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 100,
    reasoningTokens: 0,
    estimated: false,
    priced: true,
    costNano: 1_000,
    chargeNano: 1_000,
    latencyMs: 1_500,
    firstTokenMs: 500,
    ...more,
  };
}
