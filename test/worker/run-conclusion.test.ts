import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { RunStorage } from '../../durable-objects/perspective-run/storage.ts';
import { configOf } from '../../src/env.ts';
import { loadCatalog } from '../../src/features/catalog/index.ts';
import {
  concludeRun,
  driveRun,
  type PerspectiveEnd,
  type RunPlan,
  type StoredRun,
} from '../../src/features/perspectives/index.ts';
import { createCallContext, NO_USAGE, type OutputFormat } from '../../src/features/providers/index.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { newId } from '../../src/platform/ids.ts';
import { ZERO } from '../../src/platform/money.ts';

/** What a model ended with: a text (one that ends in `cut` came to its token bound), or the calls that it made, each as its name and arguments. */
type Turn = string | readonly (readonly [string, string])[];

const FORM: OutputFormat = {
  kind: 'json_schema',
  name: 'verdict',
  schema: { type: 'object', properties: { go: { type: 'boolean' } }, required: ['go'] },
};

function planOf(
  turns: readonly Turn[],
  more: { strategy: 'best_of' | 'consensus'; output?: OutputFormat },
): RunPlan {
  return {
    prompt: 'Should we go?',
    perspectives: turns.map((_, index) => ({
      index,
      modelId: ['local/swift', 'local/sage', 'local/scribe'][index] ?? 'local/swift',
      provider: 'local',
      stance: null,
      system: null,
      usable: true,
    })),
    merge: { strategy: more.strategy, modelId: 'local/sage', rounds: 1 },
    maxTokens: 500,
    temperature: null,
    timeoutMs: 1000,
    quorum: null,
    stragglerGraceMs: 0,
    continueFrom: null,
    history: [],
    conversation: {
      outline: { attached: null, system: null, earlier: null, since: null, tools: 'look: Looks' },
      tools: { names: ['look'], choice: 'auto', parallel: true },
      output: more.output ?? null,
    },
  };
}

const endOf = (turn: Turn): PerspectiveEnd => ({
  status: 'completed',
  content: typeof turn === 'string' ? turn : '',
  finishReason: typeof turn === 'string' && turn.endsWith(' cut') ? 'length' : 'stop',
  usage: NO_USAGE,
  costNano: ZERO,
  latencyMs: 1,
  firstTokenMs: 1,
  keyStrategy: 'none',
  error: null,
  ...(typeof turn === 'string'
    ? {}
    : { toolCalls: turn.map(([name, given], at) => ({ id: `call_${at}`, name, arguments: given })) }),
});

/** A run whose models have ended so, driven to its end on an object's real storage with the local models; `before` does what happened until then. */
async function concluded(
  turns: readonly Turn[],
  more: { strategy: 'best_of' | 'consensus'; output?: OutputFormat },
  before: (store: RunStorage) => void = () => undefined,
): Promise<StoredRun> {
  const id = newId('run');
  const stub = env.PERSPECTIVE_RUN.get(env.PERSPECTIVE_RUN.idFromName(id));
  const config = configOf(env);
  const catalog = await loadCatalog(env, config, systemClock);
  return runInDurableObject(stub, async (_instance, state) => {
    const store = new RunStorage(state.storage, () => undefined);
    const header = {
      id,
      tenantId: 'ten_1',
      userId: 'usr_1',
      keyId: null,
      origin: 'gateway',
      createdAt: 1,
    } as const;
    store.create(header, planOf(turns, more), 'digest', '{"messages":[]}');
    turns.forEach((turn, index) => {
      store.endPerspective(index, endOf(turn), null);
    });
    before(store);
    const context = createCallContext(env, config);
    await driveRun({
      store,
      clock: systemClock,
      ask: async function* () {
        // Everyone has ended.
      },
      merge: (run, signal) => concludeRun(run, { store, catalog, context, signal, holds: null }),
      price: () => null,
      sleep: context.sleep,
      holds: null,
      signal: new AbortController().signal,
    });
    return store.load();
  });
}

describe('a run that comes to its end', () => {
  it('with tools called by most is decided once, also when its machine stops right after', async () => {
    const turns: Turn[] = [[['look', '{}']], 'No.', [['look', '{"a":1}']]];
    const run = await concluded(turns, { strategy: 'consensus' });
    expect(run).toMatchObject({
      status: 'completed',
      merge: null,
      decision: { action: 'tool_calls', perspective: 0, finishReason: 'tool_calls' },
      receipt: [],
    });
    const decision = {
      action: 'tool_calls',
      perspective: 2,
      finishReason: 'tool_calls',
      reason: 'Before.',
    } as const;
    const again = await concluded(turns, { strategy: 'consensus' }, (store) => store.decide(decision));
    expect(again).toMatchObject({ status: 'completed', merge: null, decision, receipt: [] });
  });

  it('with one text of the form beside others without takes that, unjudged, when the best is asked for', async () => {
    const run = await concluded(['Perhaps.', '```json\n{"go":true}\n```', 'Surely.'], {
      strategy: 'best_of',
      output: FORM,
    });
    expect(run.merge).toMatchObject({ content: '{"go":true}', fallback: { from: 'best_of' } });
    expect(run.decision).toMatchObject({ action: 'answer', perspective: 1 });
    expect(run.receipt).toEqual([]);
  });

  it('with calls beside a text without the form takes the calls, unjudged, when the best is asked for', async () => {
    const run = await concluded(['Perhaps.', [['look', '{}']], 'Surely.'], {
      strategy: 'best_of',
      output: FORM,
    });
    expect(run.decision).toMatchObject({ action: 'tool_calls', perspective: 1 });
    expect(run.receipt).toEqual([]);
  });

  it('with a text that stands word for word ends as that text did', async () => {
    const run = await concluded(['', 'A lone answer that was cut'], { strategy: 'consensus' });
    expect(run.decision).toMatchObject({ action: 'answer', perspective: 1, finishReason: 'length' });
    expect(run.merge?.content).toBe('A lone answer that was cut');
  });

  it('with a merge whose text had begun before its machine stopped gets one that needs no model', async () => {
    const run = await concluded(
      ['Go by the river.', 'Go by the river road.', 'Stay.'],
      { strategy: 'consensus' },
      (store) => store.appendMergeDelta('The answers'),
    );
    expect(run.merge).toMatchObject({ strategy: 'best_of', model: null, fallback: { from: 'consensus' } });
    expect(run.decision).toMatchObject({ action: 'answer', perspective: expect.any(Number) });
    expect(run.receipt).toEqual([]);
  });
});
