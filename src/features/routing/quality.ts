import type { Tier } from '../../contracts/models.ts';
import { TASKS, type Task } from '../../contracts/routing.ts';
import { knownFamilyOf, type Model, plainName } from '../catalog/index.ts';

/**
 * How good a model's answers are expected to be, 0 to 1: the probability that a person would call an answer good. A prior and no
 * measurement. It says what makers say of their own line-ups (which model is the large one, which is for code, which reasons, which
 * generation it is), and prefers no maker to another: public leaderboards change within weeks and measure other prompts than yours. A large model is further
 * ahead where a task is hard (reasoning, mathematics, code, tools) than where it is easy (summaries, extraction, small talk).
 */
const BY_TIER: Readonly<Record<Tier, Readonly<Record<Task, number>>>> = {
  premium: {
    chat: 0.87,
    coding: 0.87,
    reasoning: 0.86,
    math: 0.87,
    writing: 0.87,
    summarization: 0.89,
    extraction: 0.91,
    translation: 0.89,
    vision: 0.85,
    tool_use: 0.86,
  },
  normal: {
    chat: 0.82,
    coding: 0.77,
    reasoning: 0.74,
    math: 0.77,
    writing: 0.79,
    summarization: 0.85,
    extraction: 0.87,
    translation: 0.83,
    vision: 0.77,
    tool_use: 0.78,
  },
  eco: {
    chat: 0.73,
    coding: 0.58,
    reasoning: 0.53,
    math: 0.57,
    writing: 0.66,
    summarization: 0.77,
    extraction: 0.79,
    translation: 0.73,
    vision: 0.63,
    tool_use: 0.63,
  },
};

/** What a model that does not reason before it answers loses. */
const WITHOUT_REASONING: Partial<Readonly<Record<Task, number>>> = {
  reasoning: 0.08,
  math: 0.08,
  coding: 0.04,
  tool_use: 0.03,
};

/** Models made for code gain there and lose elsewhere. */
const FOR_CODE = /(?:^|-)(?:code|coder|codestral|devstral|codex)(?:$|-)/;
const CODE_GAIN = 0.05;
const CODE_LOSS = 0.05;

/** Parameters in a name, in billions, and what so small a model loses against its tier; the first bound that holds counts. */
const SMALL: readonly { readonly upTo: number; readonly loss: number }[] = [
  { upTo: 4, loss: 0.2 },
  { upTo: 9, loss: 0.12 },
  { upTo: 15, loss: 0.06 },
];

/** For each newer version of its family that can be chosen, up to a bound. */
const LOSS_A_GENERATION = 0.02;
const MAX_GENERATION_LOSS = 0.1;
/** What is not known is not counted on. */
const UNKNOWN_FAMILY_LOSS = 0.12;

const LOWEST = 0.05;
const HIGHEST = 0.97;

/** Rows that are kept. There are fewer models, but a dated name makes a model of its own. */
const MAX_KNOWN = 5_000;

export interface QualityTable {
  /** The expected quality of a model for a task, between 0.05 and 0.97. */
  of(model: Model, task: Task): number;
}

/** The table for a set of models, which says which versions there are. Worked out for a model when first asked, and kept. */
export function qualityTable(models: readonly Model[]): QualityTable {
  const versions = versionsIn(models);
  const known = new Map<string, Readonly<Record<Task, number>>>();
  return {
    of(model, task) {
      let row = known.get(model.id);
      if (row === undefined) {
        row = rowOf(model, versions);
        if (known.size >= MAX_KNOWN) known.clear();
        known.set(model.id, row);
      }
      return row[task];
    },
  };
}

/** Versions by family and tier: a small model of this year does not make the large one of last year old. */
function versionsIn(models: readonly Model[]): ReadonlyMap<string, ReadonlySet<number>> {
  const versions = new Map<string, Set<number>>();
  for (const model of models) {
    const family = knownFamilyOf(model);
    if (family === undefined) continue;
    const line = `${family.family} ${model.tier}`;
    versions.set(line, (versions.get(line) ?? new Set()).add(family.version));
  }
  return versions;
}

function rowOf(
  model: Model,
  versions: ReadonlyMap<string, ReadonlySet<number>>,
): Readonly<Record<Task, number>> {
  const plain = plainName(model.upstreamName);
  const family = knownFamilyOf(model);
  // A name without a version (`latest`) means the newest.
  const newer =
    family === undefined || family.version === 0
      ? 0
      : [...(versions.get(`${family.family} ${model.tier}`) ?? [])].filter(
          (version) => version > family.version,
        ).length;
  const general =
    (family === undefined ? UNKNOWN_FAMILY_LOSS : 0) +
    Math.min(MAX_GENERATION_LOSS, newer * LOSS_A_GENERATION) +
    smallLoss(plain);
  const reasons = model.capabilities.includes('reasoning');
  const forCode = FOR_CODE.test(plain);
  const of = (task: Task) => {
    if (task === 'vision' && !model.capabilities.includes('vision')) return LOWEST;
    if (task === 'tool_use' && !model.capabilities.includes('tools')) return LOWEST;
    const code = forCode ? (task === 'coding' ? CODE_GAIN : -CODE_LOSS) : 0;
    const thought = reasons ? 0 : (WITHOUT_REASONING[task] ?? 0);
    const value = BY_TIER[model.tier][task] - general - thought + code;
    return Math.min(HIGHEST, Math.max(LOWEST, value));
  };
  return Object.fromEntries(TASKS.map((task) => [task, of(task)])) as Record<Task, number>;
}

/** `llama-3-1-8b-instruct`: 8; `command-r7b-12-2024`: 7. Of a mixture of experts the whole counts, which stands first. */
function smallLoss(plain: string): number {
  const billions = /(?:^|-)[a-z]?(\d+(?:-\d)?)b(?:$|-)/.exec(plain)?.[1];
  if (billions === undefined) return 0;
  const size = Number(billions.replace('-', '.'));
  return SMALL.find(({ upTo }) => size <= upTo)?.loss ?? 0;
}
