import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { readGroup } from '../../durable-objects/perspective-run/group.ts';
import { RunStorage } from '../../durable-objects/perspective-run/storage.ts';
import {
  type AskEvent,
  driveRun,
  type PerspectiveCall,
  type RunHeader,
  type RunPlan,
  type StoredRun,
} from '../../src/features/perspectives/index.ts';
import { newId } from '../../src/platform/ids.ts';
import { createLogger } from '../../src/platform/log.ts';

const CALLS: PerspectiveCall[] = [
  { index: 0, modelId: 'local/swift', messages: [], maxTokens: 10, temperature: null, timeoutMs: 1000 },
];
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

interface Driven {
  /** A run as it stood when the drive came back, and a little later. */
  readonly after: StoredRun;
  readonly later: StoredRun;
  readonly failure: unknown;
  readonly deltas: string[];
}

const headerOf = (id: string): RunHeader => ({
  id,
  tenantId: 'ten_1',
  userId: 'usr_1',
  keyId: null,
  origin: 'rest',
  createdAt: 1,
});

const planOf = (models: number): RunPlan => ({
  prompt: 'Well?',
  perspectives: Array.from({ length: models }, (_, index) => ({
    index,
    modelId: 'local/swift',
    provider: 'local',
    stance: null,
    system: null,
    usable: true,
  })),
  merge: null,
  maxTokens: 10,
  temperature: null,
  timeoutMs: 1000,
  quorum: null,
  stragglerGraceMs: 0,
  continueFrom: null,
  history: [],
});

/** Drives a run of so many models on an object's real storage, with streams that a test writes. */
async function drive(
  models: number,
  ask: (calls: readonly PerspectiveCall[], group: number) => AsyncIterable<AskEvent>,
): Promise<Driven> {
  const id = newId('run');
  const stub = env.PERSPECTIVE_RUN.get(env.PERSPECTIVE_RUN.idFromName(id));
  return runInDurableObject(stub, async (_instance, state) => {
    const store = new RunStorage(state.storage, () => undefined);
    store.create(headerOf(id), planOf(models), 'digest');
    const failure: unknown = await driveRun({
      store,
      clock: { now: () => Date.now() },
      ask,
      merge: async () => undefined,
      price: () => null,
      holds: null,
      sleep: pause,
      signal: new AbortController().signal,
    }).then(
      () => null,
      (error: unknown) => error,
    );
    const after = store.load();
    await pause(60);
    const deltas = store
      .eventsAfter(0, 1000)
      .flatMap(({ type, text }) => (type === 'perspective.delta' ? [text] : []));
    return { after, later: store.load(), failure, deltas };
  });
}

const OWNER = { id: 'run_test', tenantId: 'ten_test', userId: 'usr_test' };

describe('a group of models that fails as a whole', () => {
  it('ends its own answers as broken off and leaves those of the others to their end', async () => {
    const dead: Pick<Fetcher, 'fetch'> = { fetch: () => Promise.reject(new Error('the invocation died')) };
    const { after, failure } = await drive(7, async function* (calls, group) {
      if (group === 1) {
        yield* readGroup(dead as Fetcher, OWNER, calls, new AbortController().signal, createLogger());
        return;
      }
      for (const { index } of calls) {
        await pause(5);
        yield { type: 'text', index, text: 'Yes.' };
        yield { type: 'finished', index, reason: 'stop' };
      }
    });
    expect(failure).toBeNull();
    expect(after.status).toBe('partial');
    expect(after.perspectives.map(({ error }) => error?.code ?? null)).toEqual([
      null,
      'connection',
      null,
      'connection',
      null,
      'connection',
      null,
    ]);
  });

  it('for a defect of ours stops the others too, so that nothing writes when the run is driven again', async () => {
    const { after, later, failure } = await drive(7, async function* (calls, group) {
      if (group === 1) throw new Error('a defect');
      for (let n = 0; n < 100; n++) {
        await pause(2);
        for (const { index } of calls) yield { type: 'text', index, text: 'on ' };
      }
    });
    expect(failure).toMatchObject({ message: 'a defect' });
    expect(
      after.perspectives.every(({ status, error }) => status === 'failed' && error?.code === 'internal'),
    ).toBe(true);
    expect(later).toEqual(after);
  });
});

describe('the lines of a group', () => {
  it('are read whole wherever their bytes are cut', async () => {
    const events: AskEvent[] = [
      { type: 'text', index: 0, text: 'Grüße 🙂\u2028 \n "quoted"' },
      { type: 'finished', index: 0, reason: 'stop' },
    ];
    const bytes = new TextEncoder().encode(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    for (const size of [1, 2, 3, 7, bytes.length]) {
      const fetcher: Pick<Fetcher, 'fetch'> = {
        fetch: async () =>
          new Response(
            new ReadableStream<Uint8Array>({
              start(controller) {
                for (let at = 0; at < bytes.length; at += size)
                  controller.enqueue(bytes.slice(at, at + size));
                controller.close();
              },
            }),
          ),
      };
      const read = readGroup(fetcher as Fetcher, OWNER, CALLS, new AbortController().signal, createLogger());
      expect(await Array.fromAsync(read)).toEqual(events);
    }
  });
});

describe('an answer', () => {
  it('whose provider parts a character between two pieces is published whole', async () => {
    const { after, deltas } = await drive(1, async function* () {
      yield { type: 'text', index: 0, text: 'a\uD83D' };
      await pause(40);
      yield { type: 'text', index: 0, text: '\uDE42b' };
      yield { type: 'finished', index: 0, reason: 'stop' };
    });
    expect(after.perspectives[0]?.content).toBe('a🙂b');
    expect(deltas).toEqual(['a', '🙂b']);
  });

  it('that an eviction interrupts still says whose key paid', async () => {
    const id = newId('run');
    const stub = env.PERSPECTIVE_RUN.get(env.PERSPECTIVE_RUN.idFromName(id));
    const interrupted = await runInDurableObject(stub, async (_instance, state) => {
      const store = new RunStorage(state.storage, () => undefined);
      store.create(headerOf(id), planOf(1), 'digest');
      const drives = (ask: () => AsyncIterable<AskEvent>) =>
        driveRun({
          store,
          clock: { now: () => Date.now() },
          ask,
          merge: async () => undefined,
          price: () => null,
          holds: null,
          sleep: pause,
          signal: new AbortController().signal,
        });
      // The first drive never comes back, as when its machine stops.
      void drives(async function* () {
        yield { type: 'started', index: 0, keyStrategy: 'platform' };
        yield { type: 'text', index: 0, text: 'Half' };
        await new Promise(() => undefined);
      });
      await pause(5);
      await drives(async function* () {
        // Nobody is asked again: the answer had begun.
      });
      return store.load();
    });
    expect(interrupted.perspectives[0]).toMatchObject({
      keyStrategy: 'platform',
      latencyMs: null,
      error: { code: 'interrupted' },
    });
    expect(interrupted.receipt).toMatchObject([{ keyStrategy: 'platform', estimated: true }]);
  });
});
