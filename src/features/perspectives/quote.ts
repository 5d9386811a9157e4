import type { Quote, Run } from '../../contracts/perspectives.ts';
import { type Nano, sum, toUsd, ZERO } from '../../platform/money.ts';
import { estimateTokens } from '../../platform/tokens.ts';
import { type Catalog, expectedCost, maximumCost } from '../catalog/index.ts';
import { type MergeSketch, plannedCalls, type TokenRange } from './merge/index.ts';
import type { PlannedConversation, PlannedMerge, RunPlan } from './plan.ts';
import { promptTokens, systemOf } from './prompt.ts';

/** How much more than estimated the input is counted for the maximum: what the estimate can err by on prose, and a little for the format. */
const INPUT_MARGIN = 1.25;
const INPUT_FLOOR = 64;

export interface EstimateLine {
  readonly purpose: 'perspective' | 'merge' | 'debate';
  /** Whose answer it is; null for the merging model. */
  readonly perspective: number | null;
  readonly modelId: string;
  readonly inputTokens: number;
  readonly output: TokenRange;
  readonly expected: Nano;
  readonly maximum: Nano;
}

/** What something may cost. `unpriced` are models for which no bound can be given: they count as nothing in the sums. */
export interface CostEstimate {
  readonly expected: Nano;
  readonly maximum: Nano;
  readonly lines: readonly EstimateLine[];
  readonly unpriced: readonly string[];
}

interface EstimatedCall {
  readonly purpose: EstimateLine['purpose'];
  readonly perspective: number | null;
  readonly modelId: string;
  readonly input: TokenRange;
  readonly output: TokenRange;
}

/** How long a model's answer is taken to be, in tokens. */
export type LengthOf = (modelId: string) => number;

/** What a run may cost, its merge included. `carriedTokens` are those of the conversation that it carries, if it does. */
export function estimateRun(
  plan: RunPlan,
  catalog: Catalog,
  lengthOf: LengthOf,
  carriedTokens: number | null = null,
): CostEstimate {
  const answerRange = (modelId: string): TokenRange => ({
    expected: Math.min(lengthOf(modelId), plan.maxTokens),
    maximum: plan.maxTokens,
  });
  const asked = plan.perspectives.filter(({ usable }) => usable);
  const calls: EstimatedCall[] = asked.map((planned) => {
    const input =
      carriedTokens === null
        ? promptTokens(plan, planned)
        : carriedTokens + promptTokens({ ...plan, prompt: '', history: [] }, planned);
    return {
      purpose: 'perspective',
      perspective: planned.index,
      modelId: planned.modelId,
      input: { expected: input, maximum: Math.ceil(input * INPUT_MARGIN) + INPUT_FLOOR },
      output: answerRange(planned.modelId),
    };
  });
  if (plan.merge !== null) {
    const answers = asked.map(({ modelId, stance }) => {
      const { expected, maximum } = answerRange(modelId);
      return {
        modelId,
        stanceTokens: estimateTokens(stance ?? ''),
        expectedTokens: expected,
        maximumTokens: maximum,
      };
    });
    calls.push(
      ...mergeCalls(
        sketchOf(plan.merge, plan.prompt, plan.perspectives[0]?.system ?? '', answers, plan.maxTokens),
      ),
    );
  }
  return priced(calls, catalog);
}

/** What merging a finished run, which was asked by this plan, may cost. */
export function estimateMerge(run: Run, merge: PlannedMerge, plan: RunPlan, catalog: Catalog): CostEstimate {
  const answers = run.perspectives
    .filter(({ status, tool_calls }) => status === 'completed' && tool_calls === undefined)
    .map(({ model, stance, content }) => {
      const tokens = estimateTokens(content);
      return {
        modelId: model,
        stanceTokens: estimateTokens(stance ?? ''),
        expectedTokens: tokens,
        maximumTokens: tokens,
      };
    });
  const { conversation } = plan;
  const system = systemOf(plan) ?? '';
  const sketch = sketchOf(merge, run.prompt, system, answers, plan.maxTokens);
  return priced(
    mergeCalls(conversation === undefined ? sketch : { ...sketch, ...aroundOf(conversation) }),
    catalog,
  );
}

/** Tokens of the headings around what is said of a conversation in a prompt. */
const HEADING_TOKENS = 120;

function aroundOf({
  outline,
  output,
}: PlannedConversation): Pick<MergeSketch, 'contextTokens' | 'formTokens'> {
  const context = estimateTokens(outline.earlier ?? '') + estimateTokens(outline.since ?? '');
  return {
    contextTokens: context + HEADING_TOKENS,
    ...(output === null ? {} : { formTokens: estimateTokens(JSON.stringify(output)) }),
  };
}

/** An estimate as clients see it. */
export function quoteView(estimate: CostEstimate): Quote {
  return {
    object: 'quote',
    expected_usd: toUsd(estimate.expected),
    maximum_usd: toUsd(estimate.maximum),
    unpriced: [...estimate.unpriced],
    lines: estimate.lines.map((line) => ({
      purpose: line.purpose,
      model: line.modelId,
      input_tokens: line.inputTokens,
      expected_output_tokens: line.output.expected,
      maximum_output_tokens: line.output.maximum,
      expected_usd: toUsd(line.expected),
      maximum_usd: toUsd(line.maximum),
    })),
  };
}

function sketchOf(
  merge: PlannedMerge,
  prompt: string,
  system: string,
  answers: MergeSketch['answers'],
  maxTokens: number,
): MergeSketch {
  return {
    strategy: merge.strategy,
    rounds: merge.rounds,
    mergeModel: merge.modelId,
    promptTokens: estimateTokens(prompt),
    systemTokens: estimateTokens(system),
    answers,
    maxTokens,
  };
}

/** The merge's calls, with the margin on what was counted by estimate. */
function mergeCalls(sketch: MergeSketch): EstimatedCall[] {
  return plannedCalls(sketch).map((call) => ({
    ...call,
    input: {
      expected: call.input.expected,
      maximum: Math.ceil(call.input.maximum * INPUT_MARGIN) + INPUT_FLOOR,
    },
  }));
}

function priced(calls: readonly EstimatedCall[], catalog: Catalog): CostEstimate {
  const unpriced = new Set<string>();
  const lines = calls.map((call): EstimateLine => {
    const model = catalog.require(call.modelId);
    const output = {
      expected: call.output.expected,
      maximum: Math.min(call.output.maximum, model.maxOutputTokens ?? call.output.maximum),
    };
    const maximum = maximumCost(model, { inputTokens: call.input.maximum, maxOutputTokens: output.maximum });
    const expected = expectedCost(model, {
      inputTokens: call.input.expected,
      outputTokens: Math.min(output.expected, output.maximum),
    });
    if (maximum === null || expected === null) unpriced.add(model.id);
    return {
      purpose: call.purpose,
      perspective: call.perspective,
      modelId: model.id,
      inputTokens: call.input.expected,
      output,
      expected: expected ?? ZERO,
      maximum: maximum ?? ZERO,
    };
  });
  return {
    expected: lines.reduce((total, line) => sum(total, line.expected), ZERO),
    maximum: lines.reduce((total, line) => sum(total, line.maximum), ZERO),
    lines,
    unpriced: [...unpriced],
  };
}
