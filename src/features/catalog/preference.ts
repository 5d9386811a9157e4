import type { Tier } from '../../contracts/models.ts';
import type { Model } from './model.ts';
import { makerOf, plainName } from './traits.ts';

/**
 * The well-known families, by plain name; the first group is the version, of which a later one is preferred. Variants for one purpose
 * (search, code, deep research, speed at a price) are not here: nothing is wrong with them, but nobody gets them unasked.
 */
const WELL_KNOWN: readonly { readonly maker: string; readonly names: RegExp }[] = [
  { maker: 'openai', names: /^gpt-(\d+(?:-\d+)?)(?:-(?:astra|sol|terra|luna|mini|nano))?$/ },
  { maker: 'anthropic', names: /^claude-(?:opus|sonnet|haiku)-(\d+(?:-\d{1,2}(?!\d))?)(?!.*-fast)/ },
  { maker: 'google', names: /^gemini-(\d+(?:-\d+)?)-(?:pro|flash|flash-lite)(?:-preview)?$/ },
  { maker: 'xai', names: /^grok-(\d+(?:-\d+)?)(?:-fast)?(?:-(?:non-)?reasoning)?$/ },
  { maker: 'mistral', names: /^mistral-(?:large|medium|small)-(\d{4}|latest)$/ },
  { maker: 'deepseek', names: /^deepseek-v?(\d+(?:[-p]\d+)?|chat)(?:-(?:pro|flash))?(?:-\d{4})?$/ },
  {
    maker: 'qwen',
    names: /^qwen-?(\d+(?:[-p]\d+)?)-(?:max|plus|flash|\d+b(?:-a\d+b)?)(?:-instruct)?(?:-2507)?$/,
  },
  { maker: 'moonshotai', names: /^kimi-k(\d+(?:[-p]\d+)?)(?:-instruct)?$/ },
  { maker: 'zai', names: /^glm-(\d+(?:[-p]\d+)?)(?:-(?:air|flash))?$/ },
  { maker: 'meta', names: /^llama-?v?(\d+(?:[-p]\d+)?)-.*(?:instruct|versatile|maverick|scout)/ },
  { maker: 'openai', names: /^gpt-oss-\d+b()/ },
  { maker: 'cohere', names: /^command-(?:a|r-plus|r7b)-\d+-(\d+)$/ },
  { maker: 'perplexity', names: /^sonar(?:-pro)?()$/ },
];

/** Whose model is taken first in a tier. Three makers lead, and each leads one tier, so that a trio has one of each. */
const MAKERS: Readonly<Record<Tier, readonly string[]>> = {
  normal: ['openai', 'anthropic', 'google'],
  premium: ['anthropic', 'google', 'openai'],
  eco: ['google', 'openai', 'anthropic'],
};
const OTHER_MAKERS = [
  'xai',
  'mistral',
  'deepseek',
  'qwen',
  'moonshotai',
  'zai',
  'meta',
  'cohere',
  'perplexity',
];

/** Where a model stands among those that could be chosen; lower is better, compared member by member. */
export type Standing = readonly number[];

/** Later than any known maker, version or family. */
const LAST = 99;

/**
 * A model's place within its tier: a well-known family, of a maker high in the list, in a recent version, served by its maker rather than by
 * someone else, with a known price, recently made. Models that are equal in all this are told apart by `inOrderOfStanding` with their ids.
 */
export function standingOf(model: Model): Standing {
  const plain = plainName(model.upstreamName);
  const position = WELL_KNOWN.findIndex(({ names }) => names.test(plain));
  const family = WELL_KNOWN[position];
  const maker = makerOf(model.provider, model.upstreamName);
  const makers = [...MAKERS[model.tier], ...OTHER_MAKERS];
  const place = makers.indexOf(maker);
  return [
    family === undefined ? 1 : 0,
    place === -1 ? LAST : place,
    family === undefined ? LAST : -versionOf(family.names.exec(plain)?.[1] ?? ''),
    position,
    model.provider === maker ? 0 : 1,
    model.prices === null ? 1 : 0,
    -model.created,
  ];
}

/** `5-6` → 5.6, for makers count as with decimals (4.20 came before 4.3); a word such as `latest`, which says no version, → 0. */
function versionOf(text: string): number {
  const version = Number.parseFloat(text.replace(/[-p]/, '.'));
  return Number.isNaN(version) ? 0 : version;
}

/**
 * Which well-known family a model belongs to, and in which version: families are told apart by a number without a meaning, and a later version
 * has the higher figure. Undefined outside those families.
 */
export function knownFamilyOf(
  model: Model,
): { readonly family: number; readonly version: number } | undefined {
  const plain = plainName(model.upstreamName);
  const family = WELL_KNOWN.findIndex(({ names }) => names.test(plain));
  const known = WELL_KNOWN[family];
  return known === undefined ? undefined : { family, version: versionOf(known.names.exec(plain)?.[1] ?? '') };
}

/** Whether a model belongs to a family that everyone knows. */
export function isWellKnown(model: Model): boolean {
  const plain = plainName(model.upstreamName);
  return WELL_KNOWN.some(({ names }) => names.test(plain));
}

/** Sorts models by standing, then by id, so that the same deployment always chooses the same. */
export function inOrderOfStanding(models: readonly Model[]): Model[] {
  return models
    .map((model) => ({ model, standing: standingOf(model) }))
    .sort((a, b) => compare(a.standing, b.standing) || (a.model.id < b.model.id ? -1 : 1))
    .map(({ model }) => model);
}

function compare(a: Standing, b: Standing): number {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
