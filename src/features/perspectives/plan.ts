import type { MergeRequest, PerspectivesRequest } from '../../contracts/perspectives.ts';
import { ParallaxError } from '../../platform/errors.ts';
import type { Catalog, Model } from '../catalog/index.ts';
import type { OutputFormat } from '../providers/index.ts';
import type { ToolPolicy } from './conversation/decide.ts';
import type { ConversationOutline } from './conversation/outline.ts';
import { carryHistory } from './history.ts';

/** Tokens an answer may have when the request names no bound: room for a reasoning model, and a figure to quote with. */
export const DEFAULT_MAX_TOKENS = 8192;
/** Milliseconds a perspective may take when the request names no bound. */
export const DEFAULT_TIMEOUT_MS = 120_000;
/** Milliseconds that stragglers get after the quorum when the request names none. */
export const DEFAULT_STRAGGLER_GRACE_MS = 2_000;
/** Rounds of a debate when the request names none. */
export const DEFAULT_DEBATE_ROUNDS = 2;
/** An earlier question with the positions that were taken, as a follow-up carries it forward. */
export interface Turn {
  readonly prompt: string;
  readonly answers: readonly { readonly modelId: string; readonly content: string }[];
  readonly conclusion: string | null;
}

export interface PlannedPerspective {
  readonly index: number;
  readonly modelId: string;
  readonly provider: string;
  readonly stance: string | null;
  readonly system: string | null;
  /** False when the deployment has no usable key for the provider: the perspective fails at once and costs nothing. */
  readonly usable: boolean;
}

export interface PlannedMerge {
  readonly strategy: MergeRequest['strategy'];
  readonly modelId: string;
  readonly rounds: number;
}

/**
 * What deciding and merging need of the conversation that a run carries. The conversation itself is kept apart from the plan: it may have
 * megabytes, and a plan is read often.
 */
export interface PlannedConversation {
  readonly outline: Omit<ConversationOutline, 'question'>;
  readonly tools: ToolPolicy;
  /** The form that the answer must have. */
  readonly output: OutputFormat | null;
}

/** What a run will do, decided before anything is spent. Kept with the run, so that it can go on after an eviction. */
export interface RunPlan {
  readonly prompt: string;
  readonly perspectives: readonly PlannedPerspective[];
  readonly merge: PlannedMerge | null;
  readonly maxTokens: number;
  readonly temperature: number | null;
  readonly timeoutMs: number;
  readonly quorum: number | null;
  readonly stragglerGraceMs: number;
  readonly continueFrom: string | null;
  readonly history: readonly Turn[];
  /** Absent for a run of one prompt. */
  readonly conversation?: PlannedConversation;
}

/**
 * Decides what a request asks for. Throws `ParallaxError`: `model_not_found` (with the nearest names), `unsupported_parameter` (a model that
 * cannot answer in text), `invalid_parameter` (memory before there is a memory; a quorum larger than the run), `no_provider_key`
 * (no model of the run can be used).
 */
export function planRun(request: PerspectivesRequest, catalog: Catalog, history: readonly Turn[]): RunPlan {
  if (request.memory !== 'none') {
    throw new ParallaxError(
      'invalid_parameter',
      'Memory is not part of this deployment yet: `memory` takes only "none".',
      {
        param: 'memory',
      },
    );
  }
  const perspectives = choosePerspectives(request, catalog);
  if (request.quorum !== undefined && request.quorum > perspectives.length) {
    throw new ParallaxError(
      'invalid_parameter',
      `\`quorum\` is ${request.quorum}, but the run has only ${perspectives.length} models.`,
      { param: 'quorum' },
    );
  }
  if (perspectives.every((perspective) => !perspective.usable)) {
    const providers = [...new Set(perspectives.map((perspective) => perspective.provider))];
    throw new ParallaxError(
      'no_provider_key',
      `There is no usable provider key for ${providers.join(', ')}. Set one (GET /v1/providers says which) or choose other models.`,
      { details: { providers } },
    );
  }
  return {
    prompt: request.prompt,
    perspectives,
    merge: request.merge === undefined ? null : planMerge(request.merge, catalog),
    maxTokens: request.max_tokens ?? DEFAULT_MAX_TOKENS,
    temperature: request.temperature ?? null,
    timeoutMs: request.timeout_ms ?? DEFAULT_TIMEOUT_MS,
    quorum: request.quorum ?? null,
    stragglerGraceMs: request.straggler_grace_ms ?? DEFAULT_STRAGGLER_GRACE_MS,
    continueFrom: request.continue_from ?? null,
    history: carryHistory(history),
  };
}

/** The merge of a request, its model chosen. Throws `model_not_found`, `no_provider_key`, `unsupported_parameter`. */
export function planMerge(merge: MergeRequest, catalog: Catalog): PlannedMerge {
  const model = merge.model === undefined ? catalog.mergeModel() : catalog.require(merge.model);
  if (model.category !== 'chat') throw cannotAnswer(model, 'merge.model');
  if (merge.model !== undefined && !catalog.isAvailable(model)) {
    throw new ParallaxError(
      'no_provider_key',
      `The model that is to merge, ${model.id}, cannot be used: there is no key for ${model.provider}.`,
      { param: 'merge.model' },
    );
  }
  return { strategy: merge.strategy, modelId: model.id, rounds: merge.rounds ?? DEFAULT_DEBATE_ROUNDS };
}

function choosePerspectives(request: PerspectivesRequest, catalog: Catalog): PlannedPerspective[] {
  const system = request.system ?? null;
  if (request.models === undefined) {
    const trio = catalog.defaultTrio();
    if (trio.length === 0) {
      throw new ParallaxError(
        'no_provider_key',
        'No model can be used: this deployment has no provider key. GET /v1/providers says what to set.',
      );
    }
    return trio.map((model, index) => ({
      index,
      modelId: model.id,
      provider: model.provider,
      stance: null,
      system,
      usable: true,
    }));
  }
  return request.models.map((choice, index) => {
    const asked = typeof choice === 'string' ? { model: choice } : choice;
    const model = catalog.require(asked.model);
    if (model.category !== 'chat') throw cannotAnswer(model, `models[${index}]`);
    return {
      index,
      modelId: model.id,
      provider: model.provider,
      stance: asked.stance ?? null,
      system: asked.system ?? system,
      usable: catalog.isAvailable(model),
    };
  });
}

function cannotAnswer(model: Model, param: string): ParallaxError {
  return new ParallaxError(
    'unsupported_parameter',
    `${model.id} is a model for ${model.category}; it cannot answer a prompt in text.`,
    {
      param,
    },
  );
}
