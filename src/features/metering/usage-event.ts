import { z } from 'zod';

/** What a call was for: the surface that it was made through. */
export const FEATURES = [
  'chat',
  'responses',
  'messages',
  'embeddings',
  'perspective',
  'merge',
  'debate',
] as const;
export type Feature = (typeof FEATURES)[number];

/**
 * How a call ended. `ok`: whole. `failed`: the provider failed, with what it had produced. `cancelled`: the client went away, with what was
 * produced until then. `cached`: answered from the response cache, without a call.
 */
export const CALL_STATUSES = ['ok', 'failed', 'cancelled', 'cached'] as const;
export type CallStatus = (typeof CALL_STATUSES)[number];

/** How the model came to be chosen. */
export const CHOSEN_BY = ['explicit', 'alias', 'rule', 'auto', 'fallback', 'run'] as const;
export type ChosenBy = (typeof CHOSEN_BY)[number];

const tokens = z.int().min(0);

/**
 * One model call, as it is recorded: made once where the call ends, carried by the usage queue, counted once by its id. Holds no text of
 * anybody's. Money in whole nano-dollars, times in integer milliseconds.
 */
export const usageEventSchema = z.object({
  /** `call_…`; for the calls of a run `<run id>/<line>`. The same id is counted once, however often it is delivered. */
  id: z.string().min(1).max(120),
  /** When the call began. */
  at: z.int(),
  tenantId: z.string(),
  userId: z.string(),
  keyId: z.string().nullable(),
  requestId: z.string(),
  runId: z.string().nullable(),
  feature: z.enum(FEATURES),
  /** The program that asked, from its `user-agent`, e.g. `openai-python`; null when it did not say. */
  client: z.string().max(60).nullable(),
  /** `provider/name`. */
  model: z.string(),
  provider: z.string(),
  keyStrategy: z.enum(['bridge', 'tenant', 'openrouter', 'platform', 'none']),
  /** The tenant's own key that paid the provider; absent where another's did. */
  providerKeyId: z.string().nullish(),
  chosenBy: z.enum(CHOSEN_BY),
  /** The task that the prompt was told to be; null where nobody asked. */
  task: z.string().max(40).nullable(),
  stream: z.boolean(),
  status: z.enum(CALL_STATUSES),
  /** The kind of the failure (`rate_limited`, `overloaded`, …); null when there was none. */
  errorKind: z.string().max(40).nullable(),
  inputTokens: tokens,
  cachedInputTokens: tokens,
  cacheWriteTokens: tokens,
  outputTokens: tokens,
  reasoningTokens: tokens,
  /** The provider sent no figures, and tokens were counted here. */
  estimated: z.boolean(),
  /** The catalog knows a price; without one `costNano` is 0 and says nothing. */
  priced: z.boolean(),
  /** What the call cost at the provider's prices. */
  costNano: z.int().min(0),
  /** What the tenant is charged. */
  chargeNano: z.int().min(0),
  /** From the call's begin to its end. */
  latencyMs: z.int().min(0),
  /** From the call's begin to the first content; null when none came or the answer was not streamed. */
  firstTokenMs: z.int().min(0).nullable(),
});
export type UsageEvent = z.infer<typeof usageEventSchema>;
