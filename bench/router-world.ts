import { TASKS, type Task } from '../src/contracts/routing.ts';
import type { Model } from '../src/features/catalog/index.ts';
import type { ModelFigures } from '../src/features/routing/figures.ts';
import type { CountedCall } from '../src/features/routing/hours.ts';
import { type Knowledge, knowledgeOf } from '../src/features/routing/knowledge.ts';
import type { TaskGuess } from '../src/features/routing/task/classify.ts';
import { pricePerMillion } from '../src/platform/money.ts';

/** Draws that a seed decides, so that every policy meets the same world. */
export interface Draws {
  /** 0 (inclusive) to 1 (exclusive). */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
}

/** Mulberry32, a small generator that is good enough for a simulation (https://github.com/bryc/code/blob/master/jshash/PRNGs.md). */
export function draws(seed: number): Draws {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    uniform,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  };
}

/** How a world differs from what the router expects, and how it moves. All 0: it is as expected and stays so. */
export interface Scenario {
  readonly name: string;
  /** Standard deviation of true quality about the table. */
  readonly qualityError: number;
  /** Standard deviation of the logarithm of true latencies about what a tier is expected to take. */
  readonly latencyError: number;
  /** How far latencies wander in a day (standard deviation of the logarithm), and slow spells a model has in a day. */
  readonly latencyDrift: number;
  readonly slowSpells: number;
  /** Outages a provider has in a day, each half an hour to three hours. */
  readonly outages: number;
  /** Changes of a model's price in a week. */
  readonly priceChanges: number;
  readonly requestsPerHour: number;
}

export const HOUR = 60 * 60 * 1000;
export const DAYS = 7;
/** How finely the world's state is drawn. */
const STEP = 5 * 60 * 1000;
const STEPS = (DAYS * 24 * HOUR) / STEP;

interface FleetRow {
  readonly id: string;
  readonly tier: Model['tier'];
  readonly usd: readonly [input: number, output: number];
  readonly reasons?: boolean;
}

/** Like what a deployment with four providers' keys has: three tiers, prices a factor of a hundred apart. */
const FLEET: readonly FleetRow[] = [
  { id: 'anthropic/claude-opus-5', tier: 'premium', usd: [5, 25] },
  { id: 'anthropic/claude-sonnet-5', tier: 'normal', usd: [2, 10] },
  { id: 'anthropic/claude-haiku-5', tier: 'eco', usd: [1, 5] },
  { id: 'openai/gpt-6-sol', tier: 'normal', usd: [2, 10] },
  { id: 'openai/gpt-6-luna', tier: 'eco', usd: [0.1, 0.5] },
  { id: 'google/gemini-3.1-pro', tier: 'premium', usd: [2, 12] },
  { id: 'google/gemini-3.8-flash', tier: 'normal', usd: [0.75, 3.75] },
  { id: 'google/gemini-3.5-flash-lite', tier: 'eco', usd: [0.3, 2.5] },
  { id: 'groq/llama-4-maverick-instruct', tier: 'eco', usd: [0.2, 0.6], reasons: false },
];

const SIZES: Readonly<Record<Task, { readonly input: number; readonly output: number }>> = {
  chat: { input: 300, output: 220 },
  coding: { input: 2_500, output: 900 },
  reasoning: { input: 600, output: 800 },
  math: { input: 250, output: 450 },
  writing: { input: 300, output: 600 },
  summarization: { input: 4_000, output: 250 },
  extraction: { input: 1_500, output: 150 },
  translation: { input: 500, output: 300 },
  vision: { input: 1_200, output: 180 },
  tool_use: { input: 2_000, output: 120 },
};
/** Shares of the tasks in the traffic. */
const MIX: readonly (readonly [Task, number])[] = [
  ['chat', 0.26],
  ['coding', 0.2],
  ['reasoning', 0.08],
  ['math', 0.05],
  ['writing', 0.12],
  ['summarization', 0.1],
  ['extraction', 0.08],
  ['translation', 0.05],
  ['tool_use', 0.06],
];
/** How often the classifier is right (docs/routing.md), and how sure it says it is. */
const TOLD_RIGHT = 0.88;

export interface Request {
  readonly at: number;
  readonly task: Task;
  readonly guess: TaskGuess;
  readonly inputTokens: number;
}

/** A week of one world. */
export interface World {
  readonly requests: readonly Request[];
  /** The models as the catalog has them at a time: their prices are known. */
  models(at: number): readonly Model[];
  /** What nobody knows: how the models are at a time. */
  truth(at: number): Knowledge;
  /** What comes of a call. */
  call(model: Model, request: Request): CountedCall;
}

export function createWorld(scenario: Scenario, seed: number): World {
  const dice = draws(seed);
  const base = FLEET.map((row) => modelOf(row, 1));
  const expected = knowledgeOf(base, new Map());
  const quality = new Map(
    base.map(({ id }) => {
      const own = dice.normal() * scenario.qualityError * 0.7;
      return [id, new Map(TASKS.map((task) => [task, own + dice.normal() * scenario.qualityError * 0.7]))];
    }),
  );
  const outages = new Map(
    providersOf(base).map((provider) => [provider, spells(dice, scenario.outages, 0.5, 3)]),
  );
  const lives = base.map((model) => lifeOf(expected.figures(model), scenario, dice));
  const prices = FLEET.map(() => pricePath(dice, scenario.priceChanges));
  const state = (at: number) => Math.min(STEPS - 1, Math.floor(at / STEP));

  const figuresAt = (index: number, at: number): ModelFigures => {
    const model = base[index];
    const life = lives[index];
    if (model === undefined || life === undefined) throw new Error('no such model');
    const down = outages.get(model.provider)?.[state(at)] === true;
    return life.at(state(at), down);
  };
  const indexOf = (model: Model) => base.findIndex(({ id }) => id === model.id);
  const truth = (at: number): Knowledge => ({
    figures: (model) => figuresAt(indexOf(model), at),
    quality: (model, task) =>
      clamp(expected.quality(model, task) + (quality.get(model.id)?.get(task) ?? 0), 0.05, 0.97),
  });
  const catalogs = new Map<string, readonly Model[]>();
  const models = (at: number) => {
    const factors = prices.map((path) => path[state(at)] ?? 1);
    const key = factors.join(' ');
    let list = catalogs.get(key);
    if (list === undefined) {
      list = FLEET.map((row, i) => modelOf(row, factors[i] ?? 1));
      catalogs.set(key, list);
    }
    return list;
  };
  const outcome = draws(seed ^ 0x5bd1e995);
  return {
    requests: requestsOf(scenario, dice),
    models,
    truth,
    call(model, request) {
      const figures = truth(request.at).figures(model);
      const ok = outcome.uniform() < figures.successRate;
      const outputTokens = Math.max(
        1,
        Math.round(Math.exp(figures.output(request.task).mean + 0.6 * outcome.normal())),
      );
      const first = Math.exp(figures.firstToken.mean + 0.35 * outcome.normal());
      const each = Math.exp(figures.perToken.mean + 0.2 * outcome.normal());
      return {
        at: request.at,
        model: model.id,
        task: request.guess.task,
        feature: 'chat',
        keyStrategy: 'platform',
        status: ok ? 'ok' : 'failed',
        errorKind: ok ? null : 'overloaded',
        outputTokens: ok ? outputTokens : 0,
        latencyMs: Math.round(ok ? first + each * outputTokens : first),
        firstTokenMs: ok ? Math.round(first) : null,
      };
    },
  };
}

/** How one model fares through the week. */
function lifeOf(expected: ModelFigures, scenario: Scenario, dice: Draws) {
  const slow = spells(dice, scenario.slowSpells, 2, 8);
  const offset = dice.normal() * scenario.latencyError;
  const length = dice.normal() * 0.25;
  const failure = 0.003 + 0.015 * dice.uniform();
  /** A walk that is drawn back to 0 within a day (Ornstein and Uhlenbeck). */
  const walk: number[] = [];
  const back = STEP / (24 * HOUR);
  for (let step = 0, level = 0; step < STEPS; step++) {
    level += -level * back + scenario.latencyDrift * Math.sqrt(2 * back) * dice.normal();
    walk.push(level);
  }
  const known = new Map<string, ModelFigures>();
  return {
    at(step: number, down: boolean): ModelFigures {
      const key = `${step} ${down}`;
      let figures = known.get(key);
      if (figures === undefined) {
        const shift = offset + (walk[step] ?? 0) + (slow[step] === true ? Math.log(3) : 0);
        const successRate = down ? 0.1 : 1 - failure;
        figures = {
          firstToken: { mean: expected.firstToken.mean + shift, sd: 0 },
          perToken: { mean: expected.perToken.mean + shift, sd: 0 },
          totalFactor: 1,
          successRate,
          successSd: 0,
          calls: Number.POSITIVE_INFINITY,
          output: (task) => ({ mean: Math.log(SIZES[task].output) + length, sd: 0 }),
        };
        known.set(key, figures);
      }
      return figures;
    },
  };
}

/** For each step whether a spell holds. Spells come at random, so many a day on average, and last between two bounds in hours. */
function spells(dice: Draws, perDay: number, shortest: number, longest: number): readonly boolean[] {
  const holds = new Array<boolean>(STEPS).fill(false);
  if (perDay === 0) return holds;
  let at = 0;
  for (;;) {
    at += (-Math.log(1 - dice.uniform()) / perDay) * 24 * HOUR;
    if (at >= STEPS * STEP) return holds;
    const until = at + (shortest + (longest - shortest) * dice.uniform()) * HOUR;
    holds.fill(true, Math.floor(at / STEP), Math.min(STEPS, Math.ceil(until / STEP)));
    at = until;
  }
}

/** A factor on a model's prices for each step; changes halve or raise it by half. */
function pricePath(dice: Draws, perWeek: number): readonly number[] {
  const path: number[] = [];
  let factor = 1;
  for (let step = 0; step < STEPS; step++) {
    if (dice.uniform() < perWeek / STEPS)
      factor = clamp(factor * (dice.uniform() < 0.5 ? 0.5 : 1.5), 0.25, 4);
    path.push(factor);
  }
  return path;
}

function requestsOf({ requestsPerHour }: Scenario, dice: Draws): Request[] {
  const requests: Request[] = [];
  for (let at = 0; ; ) {
    at += (-Math.log(1 - dice.uniform()) / requestsPerHour) * HOUR;
    if (at >= DAYS * 24 * HOUR) return requests;
    const task = drawTask(dice);
    const inputTokens = Math.round(SIZES[task].input * Math.exp(0.7 * dice.normal()));
    requests.push({ at: Math.floor(at), task, guess: guessOf(task, dice), inputTokens });
  }
}

function drawTask(dice: Draws): Task {
  let left = dice.uniform();
  for (const [task, share] of MIX) {
    left -= share;
    if (left < 0) return task;
  }
  return 'chat';
}

/** What the classifier says: right as often as it says it is. */
function guessOf(task: Task, dice: Draws): TaskGuess {
  const told = dice.uniform() < TOLD_RIGHT ? task : drawTask(dice);
  const rest = (1 - TOLD_RIGHT) / (TASKS.length - 1);
  const scores = Object.fromEntries(TASKS.map((one) => [one, one === told ? TOLD_RIGHT : rest])) as Record<
    Task,
    number
  >;
  return { task: told, confidence: TOLD_RIGHT, scores };
}

function modelOf({ id, tier, usd, reasons = true }: FleetRow, priceFactor: number): Model {
  const [provider = '', name = ''] = id.split('/');
  return {
    id,
    provider,
    upstreamName: name,
    name,
    description: null,
    tier,
    category: 'chat',
    capabilities: [
      'tools',
      'structured_output',
      'vision',
      'streaming',
      ...(reasons ? (['reasoning'] as const) : []),
    ],
    contextWindow: 400_000,
    maxOutputTokens: 64_000,
    prices: { input: pricePerMillion(usd[0] * priceFactor), output: pricePerMillion(usd[1] * priceFactor) },
    deprecated: false,
    hidden: false,
    aliases: [],
    created: 0,
  };
}

function providersOf(models: readonly Model[]): string[] {
  return [...new Set(models.map(({ provider }) => provider))];
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
