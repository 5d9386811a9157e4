/** For tests: calls to a local model server, with everything that chance or time decides in the test's hands. */
import { type Clock, systemClock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { createLogger } from '../../platform/log.ts';
import { createBreakers } from './breakers.ts';
import { type CallSurroundings, sleep } from './call-context.ts';
import type { ConversationEvent, ConversationRequest, WireFormat } from './conversation.ts';
import { createGoogleTokens } from './google-token.ts';
import { createKeyLimits } from './key-limits.ts';
import type { ModelTarget } from './model-call.ts';

/** A configuration with these provider settings. */
export function configWith(providerSettings: Readonly<Record<string, string>>): Config {
  return {
    environment: 'test',
    publicUrl: undefined,
    keySigningSecret: 'x'.repeat(32),
    operatorToken: undefined,
    vaultMasterKey: undefined,
    runRetentionDays: 30,
    usageRetentionDays: 400,
    usageSummaryRetentionDays: 3_650,
    requestsPerMinute: 6_000,
    tokensPerMinute: undefined,
    perspectivesPerHour: undefined,
    planLimits: false,
    concurrentRequests: 1_500,
    tenantCreditUsd: 100,
    catalogSync: false,
    stripe: undefined,
    mail: { from: undefined, resendApiKey: undefined, resendUrl: undefined },
    socialApps: { google: undefined, github: undefined, microsoft: undefined },
    providerSettings,
  };
}

export interface TestCall {
  readonly context: CallSurroundings;
  /** Every line logged. */
  readonly lines: string[];
  /** Every wait between attempts, in milliseconds; none is really waited. */
  readonly waits: number[];
}

/** A context of its own: fresh breakers, no real waits between attempts, logs kept. */
export function testCall(
  providerSettings: Readonly<Record<string, string>>,
  more: Partial<CallSurroundings> = {},
): TestCall {
  const lines: string[] = [];
  const waits: number[] = [];
  // Nobody really waits, so that the clock is put forward by what was to be waited.
  let slept = 0;
  const clock: Clock = more.clock ?? { now: () => systemClock.now() + slept };
  return {
    lines,
    waits,
    context: {
      config: configWith(providerSettings),
      clock,
      log: createLogger({}, (_, line) => lines.push(line)),
      random: () => 0.5,
      sleep: async (milliseconds, signal) => {
        waits.push(milliseconds);
        slept += milliseconds;
        await sleep(0, signal);
      },
      breakers: createBreakers(),
      keyLimits: createKeyLimits(),
      googleTokens: createGoogleTokens(clock),
      ...more,
    },
  };
}

/** A model of the local server. */
export function localTarget(name: string, wire?: WireFormat): ModelTarget {
  return {
    modelId: `local/${name}`,
    provider: 'local',
    upstreamName: name,
    ...(wire === undefined ? {} : { wire }),
  };
}

/** A request of one user message. */
export function asking(
  text: string,
  more: Partial<ConversationRequest> = {},
): Omit<ConversationRequest, 'model' | 'stream'> {
  return { messages: [{ role: 'user', parts: [{ type: 'text', text }] }], ...more };
}

/** All events, and the text they spell. */
export async function collect(
  events: AsyncIterable<ConversationEvent>,
): Promise<{ readonly events: ConversationEvent[]; readonly text: string; readonly types: string[] }> {
  const all: ConversationEvent[] = [];
  let text = '';
  for await (const event of events) {
    all.push(event);
    if (event.type === 'text') text += event.text;
  }
  return { events: all, text, types: all.map((event) => event.type) };
}

/** A signal that nobody aborts. */
export const NO_ABORT: AbortSignal = new AbortController().signal;
