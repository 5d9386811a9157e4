import type { Capability } from '../../contracts/models.ts';
import { ParallaxError } from '../../platform/errors.ts';
import type { Model } from '../catalog/index.ts';
import type { RequestSize } from './estimate.ts';

/** What a model must be able to do to serve a request. */
export interface Demand extends RequestSize {
  readonly needs: readonly Capability[];
}

/** How a capability is called in a sentence: "no model … takes images". */
const CAPABILITY_WORDS: Readonly<Record<Capability, string>> = {
  tools: 'uses tools',
  structured_output: 'answers in a given JSON schema',
  vision: 'takes images',
  audio_input: 'takes audio',
  files: 'takes files',
  reasoning: 'reasons before it answers',
  streaming: 'streams',
  prompt_cache: 'keeps prompts in a cache',
};

/** One thing that is demanded: whether a model can do it, and the words for it. */
interface Requirement {
  readonly words: string;
  readonly met: (model: Model) => boolean;
}

function requirementsOf({ needs, inputTokens, maxOutputTokens }: Demand): Requirement[] {
  const requirements: Requirement[] = [...new Set(needs)].map((capability) => ({
    words: CAPABILITY_WORDS[capability],
    met: (model) => model.capabilities.includes(capability),
  }));
  const room = inputTokens + (maxOutputTokens ?? 0);
  requirements.push({
    words: `has room for ${room.toLocaleString('en-US')} tokens`,
    // What is not known is not held against a model: most catalogs leave out the window of open weights.
    met: ({ contextWindow }) => contextWindow === null || room <= contextWindow,
  });
  if (maxOutputTokens !== null) {
    requirements.push({
      words: `answers with up to ${maxOutputTokens.toLocaleString('en-US')} tokens`,
      met: (model) => model.maxOutputTokens === null || maxOutputTokens <= model.maxOutputTokens,
    });
  }
  return requirements;
}

/** What of a request a model cannot do, in words; empty when it can do all of it. */
export function lacks(model: Model, demand: Demand): string[] {
  return requirementsOf(demand)
    .filter(({ met }) => !met(model))
    .map(({ words }) => words);
}

/** The models that can do all of a request. */
export function ableOf(models: readonly Model[], demand: Demand): Model[] {
  const requirements = requirementsOf(demand);
  return models.filter((model) => requirements.every(({ met }) => met(model)));
}

/** The error when no model can serve a request, which names what none of them can do, or that none can do all of it at once. */
export function noneIsAble(models: readonly Model[], demand: Demand): ParallaxError {
  const requirements = requirementsOf(demand);
  const impossible = requirements.filter(({ met }) => !models.some(met));
  const words = (impossible.length > 0 ? impossible : requirements).map((one) => one.words);
  const joined = words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
  const sentence =
    impossible.length > 0
      ? `No model that can be used ${joined}.`
      : `No model that can be used does all of this at once: it ${joined}.`;
  return new ParallaxError('unsupported_parameter', sentence, { param: 'model' });
}
