import type { Decision, Perspective, Run } from '../../contracts/perspectives.ts';
import { iso } from '../../platform/clock.ts';
import { sum, toUsd, ZERO } from '../../platform/money.ts';
import type { PlannedPerspective } from './plan.ts';
import { chargeOfLine } from './run-credit.ts';
import type { ReceiptLine, RunDecision, StoredPerspective, StoredRun } from './run-store.ts';

/** The exact cost of a run so far: the sum of its receipt. */
export function totalCost(receipt: readonly ReceiptLine[]) {
  return receipt.reduce((total, line) => sum(total, line.costNano), ZERO);
}

/** A run as clients see it. Dollars are made here, at the edge, from whole nano-dollars. */
export function runView(stored: StoredRun): Run {
  const { header, plan, receipt } = stored;
  const total = totalCost(receipt);
  return {
    id: header.id,
    object: 'run',
    status: stored.status,
    prompt: plan.prompt,
    created_at: iso(header.createdAt),
    completed_at: stored.completedAt === null ? null : iso(stored.completedAt),
    continue_from: plan.continueFrom,
    perspectives: plan.perspectives.map((planned, index) =>
      perspectiveView(planned, stored.perspectives[index]),
    ),
    merge: stored.merge,
    ...(stored.decision === null ? {} : { decision: decisionView(stored.decision) }),
    memory: { injected: false, sources: [] },
    usage: {
      input_tokens: receipt.reduce((tokens, line) => tokens + line.usage.inputTokens, 0),
      output_tokens: receipt.reduce((tokens, line) => tokens + line.usage.outputTokens, 0),
      cost_usd: toUsd(total),
      balance_usd: null,
    },
    receipt: {
      total_nano_usd: total,
      lines: receipt.map((line) => ({
        purpose: line.purpose,
        perspective: line.perspective,
        model: line.modelId,
        key_strategy: line.keyStrategy,
        input_tokens: line.usage.inputTokens,
        cached_input_tokens: line.usage.cachedInputTokens,
        cache_write_tokens: line.usage.cacheWriteTokens,
        output_tokens: line.usage.outputTokens,
        reasoning_tokens: line.usage.reasoningTokens,
        cost_nano_usd: line.costNano,
        charge_nano_usd: chargeOfLine(header, line),
        ...(line.stopReason === undefined ? {} : { stop_reason: line.stopReason }),
        estimated: line.estimated,
        priced: line.priced,
      })),
    },
  };
}

function decisionView({ action, perspective, reason }: RunDecision): Decision {
  return { action, perspective, reason };
}

/** One perspective as clients see it. */
export function perspectiveView(
  planned: PlannedPerspective,
  stored: StoredPerspective | undefined,
): Perspective {
  return {
    index: planned.index,
    model: planned.modelId,
    provider: planned.provider,
    stance: planned.stance,
    status: stored?.status ?? 'pending',
    content: stored?.content ?? '',
    finish_reason: stored?.finishReason ?? null,
    usage: { input_tokens: stored?.usage.inputTokens ?? 0, output_tokens: stored?.usage.outputTokens ?? 0 },
    cost_usd: toUsd(stored?.costNano ?? ZERO),
    latency_ms: stored?.latencyMs ?? null,
    first_token_ms: stored?.firstTokenMs ?? null,
    key_strategy: stored?.keyStrategy ?? 'none',
    ...(stored?.error ? { error: stored.error } : {}),
    // Without the signatures: they are for the provider alone, and mean nothing to a reader.
    ...(stored?.toolCalls === undefined
      ? {}
      : {
          tool_calls: stored.toolCalls.map(({ id, name, arguments: text }) => ({
            id,
            name,
            arguments: text,
          })),
        }),
  };
}
