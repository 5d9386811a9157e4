import { z } from 'zod';
import { CALL_STATUSES, CHOSEN_BY, FEATURES, KEY_STRATEGIES } from '../../contracts/usage.ts';

export {
  CALL_STATUSES,
  type CallStatus,
  CHOSEN_BY,
  type ChosenBy,
  FEATURES,
  type Feature,
} from '../../contracts/usage.ts';

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
  keyStrategy: z.enum(KEY_STRATEGIES),
  /** The tenant's own key that paid the provider; absent where another's did. */
  providerKeyId: z.string().nullish(),
  chosenBy: z.enum(CHOSEN_BY),
  /** The task that the prompt was told to be; null where nobody asked. */
  task: z.string().max(40).nullable(),
  stream: z.boolean(),
  status: z.enum(CALL_STATUSES),
  /** The kind of the failure (`rate_limited`, `overloaded`, …), or `credit_limit` for an answer that was ended at the end of the credit; null when there was none. */
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
