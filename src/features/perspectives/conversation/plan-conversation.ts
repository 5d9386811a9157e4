import { MAX_MODELS, type MergeStrategy, type ModelChoice } from '../../../contracts/perspectives.ts';
import { ParallaxError } from '../../../platform/errors.ts';
import type { Catalog } from '../../catalog/index.ts';
import { planRun, type RunPlan } from '../plan.ts';
import type { RunConversation } from './carried.ts';
import type { ToolPolicy } from './decide.ts';
import { outlineOf } from './outline.ts';

/** Which models a run asks, and how their answers become one. */
export interface RunModelSpec {
  readonly strategy: MergeStrategy;
  /** Null: the default trio of the deployment. */
  readonly models: readonly ModelChoice[] | null;
  readonly mergeModel?: string;
  /** Rounds of a debate, 1 to 3. */
  readonly rounds?: number;
  readonly quorum?: number;
  /** Milliseconds that the rest gets once the quorum is in. */
  readonly stragglerGraceMs?: number;
}

/** Stands for a question that has no text, such as a lone image without a name. */
const NO_TEXT = '(no text)';

/**
 * Plans a run that carries a conversation. Throws what `planRun` throws, and `invalid_parameter` for a panel of no models or too many, or a quorum of none.
 */
export function planConversation(
  spec: RunModelSpec,
  conversation: RunConversation,
  catalog: Catalog,
  timeoutMs?: number,
): RunPlan {
  const { models } = spec;
  if (models !== null && (models.length === 0 || models.length > MAX_MODELS)) {
    throw new ParallaxError('invalid_parameter', `A run asks 1 to ${MAX_MODELS} models.`, {
      param: 'models',
    });
  }
  if (spec.quorum !== undefined && spec.quorum < 1) {
    throw new ParallaxError('invalid_parameter', '`quorum` is at least 1.', { param: 'quorum' });
  }
  const { question, ...outline } = outlineOf(conversation);
  const plan = planRun(
    {
      prompt: question === '' ? NO_TEXT : question,
      memory: 'none',
      stream: false,
      merge: { strategy: spec.strategy, model: spec.mergeModel, rounds: spec.rounds },
      models: models === null ? undefined : [...models],
      max_tokens: conversation.maxTokens,
      temperature: conversation.temperature,
      timeout_ms: timeoutMs,
      quorum: spec.quorum,
      straggler_grace_ms: spec.stragglerGraceMs,
    },
    catalog,
    [],
  );
  return {
    ...plan,
    conversation: { outline, tools: toolPolicy(conversation), output: conversation.output ?? null },
  };
}

function toolPolicy({ tools = [], toolChoice, parallelToolCalls, extra }: RunConversation): ToolPolicy {
  // Tools of a provider's own that the client runs (Anthropic's `bash`) have no neutral form, and are called by name all the same.
  const others: readonly unknown[] = Array.isArray(extra?.tools) ? extra.tools : [];
  return {
    names: [...tools.map(({ name }) => name), ...others.flatMap(nameOf)],
    choice: toolChoice ?? 'auto',
    parallel: parallelToolCalls !== false,
  };
}

function nameOf(tool: unknown): string[] {
  return typeof tool === 'object' && tool !== null && 'name' in tool && typeof tool.name === 'string'
    ? [tool.name]
    : [];
}
