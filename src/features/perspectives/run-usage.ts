import { idTime } from '../../platform/ids.ts';
import { type Nano, ZERO } from '../../platform/money.ts';
import type { CallStatus, UsageEvent } from '../metering/index.ts';
import { NO_USAGE, type TokenUsage } from '../providers/index.ts';
import { chargeOfLine } from './run-credit.ts';
import type { ReceiptLine, StoredPerspective, StoredRun } from './run-store.ts';

/**
 * The calls of a finished run as usage events: one a perspective, one a line of its receipt besides (merging, debating). Their ids are the run's and the line's, so
 * that a run that is recorded twice is counted once. What is charged is what the ledger is told (`run-credit.ts`).
 */
export function usageOfRun(run: StoredRun): UsageEvent[] {
  const perspectives = run.perspectives.map((perspective) => {
    const line = run.receipt.find((one) => one.id === `perspective-${perspective.index}`);
    const planned = run.plan.perspectives[perspective.index];
    return eventOf(run, `perspective-${perspective.index}`, {
      feature: 'perspective',
      modelId: planned?.modelId ?? '',
      keyStrategy: perspective.keyStrategy,
      providerKeyId: perspective.providerKeyId ?? null,
      status: statusOf(perspective),
      errorKind: line?.stopReason ?? perspective.error?.code.slice(0, 40) ?? null,
      usage: line?.usage ?? NO_USAGE,
      costNano: line?.costNano ?? ZERO,
      dueNano: line?.dueNano,
      estimated: line?.estimated ?? false,
      priced: line?.priced ?? true,
      latencyMs: perspective.latencyMs ?? 0,
      firstTokenMs: perspective.firstTokenMs,
    });
  });
  const others = run.receipt
    .filter(({ purpose }) => purpose !== 'perspective')
    .map((line) =>
      eventOf(run, line.id, { ...fromLine(line), status: 'ok', errorKind: line.stopReason ?? null }),
    );
  return [...perspectives, ...others];
}

interface CallFacts {
  readonly feature: 'perspective' | 'merge' | 'debate';
  readonly modelId: string;
  readonly keyStrategy: UsageEvent['keyStrategy'];
  readonly providerKeyId: string | null;
  readonly status: CallStatus;
  readonly errorKind: string | null;
  readonly usage: TokenUsage;
  readonly costNano: Nano;
  readonly dueNano?: Nano | undefined;
  readonly estimated: boolean;
  readonly priced: boolean;
  readonly latencyMs: number;
  readonly firstTokenMs: number | null;
}

/** The calls of a merge are not timed one by one: 0 says that nothing is known. */
function fromLine(line: ReceiptLine): Omit<CallFacts, 'status' | 'errorKind'> {
  const { purpose, modelId, keyStrategy, usage, costNano, estimated, priced } = line;
  return {
    feature: purpose,
    modelId,
    keyStrategy,
    providerKeyId: line.providerKeyId ?? null,
    usage,
    costNano,
    dueNano: line.dueNano,
    estimated,
    priced,
    latencyMs: 0,
    firstTokenMs: null,
  };
}

/** What we stopped ourselves says nothing of the model. */
function statusOf({ status, error }: StoredPerspective): CallStatus {
  if (status === 'completed') return 'ok';
  return error?.code === 'cancelled' || error?.code === 'straggler_cut' ? 'cancelled' : 'failed';
}

function eventOf({ header }: StoredRun, line: string, facts: CallFacts): UsageEvent {
  const { modelId, usage, dueNano, ...call } = facts;
  return {
    id: `${header.id}/${line}`.slice(0, 120),
    at: idTime(header.id),
    tenantId: header.tenantId,
    userId: header.userId,
    keyId: header.keyId,
    requestId: header.requestId ?? header.id,
    runId: header.id,
    client: header.client ?? null,
    model: modelId,
    provider: modelId.slice(0, Math.max(0, modelId.indexOf('/'))),
    chosenBy: 'run',
    task: null,
    stream: true,
    inputTokens: usage.inputTokens,
    cachedInputTokens: usage.cachedInputTokens,
    cacheWriteTokens: usage.cacheWriteTokens,
    outputTokens: usage.outputTokens,
    reasoningTokens: usage.reasoningTokens,
    chargeNano: chargeOfLine(header, {
      keyStrategy: call.keyStrategy,
      costNano: call.costNano,
      ...(dueNano === undefined ? {} : { dueNano }),
    }),
    ...call,
  };
}
