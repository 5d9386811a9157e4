import { DEFAULT_EXPLORATION, DEFAULT_WEIGHTS, type Task } from '../src/contracts/routing.ts';
import type { Model } from '../src/features/catalog/index.ts';
import { explore } from '../src/features/routing/explore.ts';
import { NOTHING_LEARNED } from '../src/features/routing/figures.ts';
import { type Knowledge, knowledgeOf } from '../src/features/routing/knowledge.ts';
import { type Scored, scoreModels } from '../src/features/routing/score.ts';
import { certainTask } from '../src/features/routing/task/classify.ts';
import { Memory } from './router-memory.ts';
import { createWorld, draws, type Request, type Scenario, type World } from './router-world.ts';

/**
 * `npm run bench:router`: a week of generated traffic through the router's own functions, with what it learned refreshed every five minutes as the cron
 * does. A request's utility at a model is the router's own score computed from the truth: true latencies, success rates, lengths and qualities of
 * that minute, which no policy knows. Regret is what is missing to the best model of each request.
 */
const STEADY: Scenario = {
  name: 'as expected, nothing moves',
  qualityError: 0,
  latencyError: 0,
  latencyDrift: 0,
  slowSpells: 0,
  outages: 0,
  priceChanges: 0,
  requestsPerHour: 60,
};

const MOVING: Scenario = {
  ...STEADY,
  name: 'all of it but quality',
  latencyError: 0.4,
  latencyDrift: 0.3,
  slowSpells: 0.5,
  outages: 0.5,
  priceChanges: 2,
};

const SCENARIOS: readonly Scenario[] = [
  STEADY,
  { ...STEADY, name: 'latencies other than expected', latencyError: 0.6 },
  {
    ...STEADY,
    name: 'drifting latencies, slow spells',
    latencyError: 0.3,
    latencyDrift: 0.3,
    slowSpells: 0.7,
  },
  { ...STEADY, name: 'outages', outages: 0.7 },
  { ...STEADY, name: 'changing prices', priceChanges: 3 },
  MOVING,
  { ...MOVING, name: 'the same, 3 requests an hour', requestsPerHour: 3 },
  { ...MOVING, name: 'all of it, quality off by 0.04', qualityError: 0.04 },
  { ...MOVING, name: 'all of it, quality off by 0.08', qualityError: 0.08 },
];

const REFRESH_MS = 5 * 60 * 1000;

const POLICIES = [
  'auto',
  'auto, no exploration',
  'auto, learning nothing',
  'knowing all but quality',
  'best fixed model',
  'best fixed model a task',
  'round robin',
] as const;
type Policy = (typeof POLICIES)[number];

/** Utilities of the models for one request, by model id. */
type Utilities = ReadonlyMap<string, number>;

/** Mean regret of each policy over one week. */
export function regretsOf(scenario: Scenario, seed: number): Record<Policy, number> {
  const world = createWorld(scenario, seed);
  const utilities = world.requests.map((request) => utilitiesOf(world, request));
  const ids = world.models(0).map(({ id }) => id);
  const { requests } = world;
  const auto = (share: number, learns: boolean) => autoChoices(scenario, seed, share, learns);
  const fixed = bestBy(ids, utilities);
  const byTask = new Map<Task, string>();
  for (const task of new Set(requests.map((request) => request.task))) {
    byTask.set(
      task,
      bestBy(
        ids,
        utilities.filter((_, i) => requests[i]?.task === task),
      ),
    );
  }
  const choices: Record<Policy, (index: number) => string> = {
    auto: at(auto(DEFAULT_EXPLORATION, true)),
    'auto, no exploration': at(auto(0, true)),
    'auto, learning nothing': at(auto(0, false)),
    'knowing all but quality': at(requests.map((request) => informedChoice(world, request))),
    'best fixed model': () => fixed,
    'best fixed model a task': (index) => byTask.get(requests[index]?.task ?? 'chat') ?? fixed,
    'round robin': (index) => ids[index % ids.length] ?? '',
  };
  const regret = (choose: (index: number) => string) => {
    let sum = 0;
    utilities.forEach((own, index) => {
      sum += Math.max(...own.values()) - (own.get(choose(index)) ?? 0);
    });
    return sum / utilities.length;
  };
  return Object.fromEntries(POLICIES.map((policy) => [policy, regret(choices[policy])])) as Record<
    Policy,
    number
  >;
}

function at(list: readonly string[]): (index: number) => string {
  return (index) => list[index] ?? '';
}

/** What the router would choose if it knew everything, as utilities. */
function utilitiesOf(world: World, request: Request): Utilities {
  const scored = scoreModels(
    world.models(request.at),
    { inputTokens: request.inputTokens, maxOutputTokens: null },
    certainTask(request.task),
    world.truth(request.at),
    DEFAULT_WEIGHTS,
  );
  return new Map(scored.map(({ model, score }) => [model.id, score]));
}

/** What the router would choose if it knew everything but how good the models' answers are, which no call shows. */
function informedChoice(world: World, request: Request): string {
  const models = world.models(request.at);
  const expected = knowledgeOf(models, NOTHING_LEARNED);
  const [best] = scoreModels(
    models,
    { inputTokens: request.inputTokens, maxOutputTokens: null },
    request.guess,
    { figures: world.truth(request.at).figures, quality: expected.quality },
    DEFAULT_WEIGHTS,
  );
  return best?.model.id ?? '';
}

/** The router through a week: it sees prices, sizes and guesses, and the outcomes of its own calls. */
function autoChoices(scenario: Scenario, seed: number, share: number, learns: boolean): string[] {
  const world = createWorld(scenario, seed);
  const dice = draws(seed ^ 0x2545f491);
  const memory = new Memory();
  let knowledge: Knowledge | undefined;
  let known: readonly Model[] | undefined;
  let refreshed = Number.NEGATIVE_INFINITY;
  return world.requests.map((request) => {
    const models = world.models(request.at);
    if (knowledge === undefined || known !== models || request.at - refreshed >= REFRESH_MS) {
      refreshed = request.at;
      known = models;
      knowledge = knowledgeOf(models, memory.learned(request.at));
    }
    const ranked: Scored[] = scoreModels(
      models,
      { inputTokens: request.inputTokens, maxOutputTokens: null },
      request.guess,
      knowledge,
      DEFAULT_WEIGHTS,
    );
    const chosen = explore(ranked, share, dice.uniform) ?? ranked[0];
    if (chosen === undefined) throw new Error('there is no model');
    if (learns) {
      const call = world.call(chosen.model, request);
      memory.count(call);
      const fallback = ranked.find((one) => one !== chosen);
      if (call.status === 'failed' && fallback !== undefined)
        memory.count(world.call(fallback.model, request));
    }
    return chosen.model.id;
  });
}

function bestBy(ids: readonly string[], utilities: readonly Utilities[]): string {
  const mean = (id: string) => utilities.reduce((sum, own) => sum + (own.get(id) ?? 0), 0);
  return ids.reduce((best, id) => (mean(id) > mean(best) ? id : best));
}

function main(): void {
  const seeds = Number(process.env.SEEDS ?? 12);
  console.log(`Regret in thousandths of the score, mean ± standard deviation over ${seeds} weeks\n`);
  console.log(`| world | ${POLICIES.join(' | ')} |`);
  console.log(`| --- | ${POLICIES.map(() => '---:').join(' | ')} |`);
  for (const scenario of SCENARIOS) {
    const runs = Array.from({ length: seeds }, (_, seed) => regretsOf(scenario, seed + 1));
    const cells = POLICIES.map((policy) => cell(runs.map((run) => run[policy] * 1000)));
    console.log(`| ${scenario.name} | ${cells.join(' | ')} |`);
  }
}

function cell(values: readonly number[]): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance =
    values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
  return `${mean.toFixed(1)} ± ${Math.sqrt(variance).toFixed(1)}`;
}

if (import.meta.main) main();
