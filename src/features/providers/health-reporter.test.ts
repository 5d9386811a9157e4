import { describe, expect, it } from 'vitest';
import { createLogger } from '../../platform/log.ts';
import {
  type HealthReport,
  latencyStep,
  MAX_SLICES,
  type NamedLimits,
  SLICE_MS,
  sliceStart,
} from './health.ts';
import { createHealthReporter, FLUSH_EVERY_MS, type HealthBuffer } from './health-reporter.ts';
import { createKeyLimits } from './key-limits.ts';

/** An isolate with a clock that the test moves, and objects that note what they are sent. */
function isolate() {
  const time = { now: sliceStart(1_800_000_000_000) };
  const sent: { provider: string; at: number; report: HealthReport }[] = [];
  const sleepers: { at: number; wake: () => void }[] = [];
  const buffer: HealthBuffer = new Map();
  const keyLimits = createKeyLimits();
  const lines: string[] = [];
  const state = { fails: false, works: [] as Promise<unknown>[], told: [] as NamedLimits[] };
  const reporter = () =>
    createHealthReporter(
      {
        getByName: (provider) => ({
          report: async (report) => {
            if (state.fails) throw new Error('overloaded');
            sent.push({ provider, at: time.now, report });
            return { limits: state.told };
          },
          recordCheck: async () => undefined,
          summary: () => Promise.reject(new Error('not asked here')),
        }),
      },
      {
        clock: { now: () => time.now },
        log: createLogger({}, (_, line) => lines.push(line)),
        sleep: (milliseconds) =>
          new Promise((resolve) => sleepers.push({ at: time.now + milliseconds, wake: resolve })),
        waitUntil: (work) => state.works.push(work),
        buffer,
        keyLimits,
      },
    );
  const advance = async (milliseconds: number) => {
    time.now += milliseconds;
    for (const sleeper of sleepers.splice(0)) {
      if (sleeper.at <= time.now) sleeper.wake();
      else sleepers.push(sleeper);
    }
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { time, sent, buffer, keyLimits, lines, state, reporter, advance };
}

describe('health reports', () => {
  it('go out at once when none went out lately', async () => {
    const { reporter, sent, advance } = isolate();
    reporter().record('openai', { ok: true, firstTokenMs: 300 });
    await advance(0);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.report.slices[0]).toMatchObject({
      ok: 1,
      failed: 0,
      firstTokens: [[latencyStep(300), 1]],
    });
  });

  it('go out at most once a second a provider, with everything that came meanwhile, from any request', async () => {
    const { reporter, sent, advance } = isolate();
    reporter().record('openai', { ok: true });
    await advance(0);
    for (let i = 0; i < 50; i++) {
      reporter().record('openai', { ok: i % 2 === 0 });
      await advance(10);
    }
    expect(sent).toHaveLength(1);
    await advance(FLUSH_EVERY_MS);
    expect(sent).toHaveLength(2);
    expect(sent[1]?.report.slices.reduce((sum, slice) => sum + slice.ok + slice.failed, 0)).toBe(50);
  });

  it('of two providers do not wait for each other', async () => {
    const { reporter, sent, advance } = isolate();
    reporter().record('openai', { ok: true });
    reporter().record('anthropic', { ok: false });
    await advance(0);
    expect(sent.map((one) => one.provider)).toEqual(['openai', 'anthropic']);
  });

  it('carry a change of the circuit', async () => {
    const { reporter, sent, advance } = isolate();
    reporter().circuit('openai', { state: 'open', until: 5 });
    await advance(0);
    expect(sent[0]?.report).toEqual({ slices: [], circuit: { state: 'open', until: 5 } });
  });

  it('carry limits along, call for none of their own, and bring back what others have told', async () => {
    const { reporter, sent, state, keyLimits, time, advance } = isolate();
    const mine = { blockedUntil: time.now + 5_000 };
    reporter().limits('openai', 'mine', mine);
    await advance(0);
    expect(sent).toHaveLength(0);
    state.told = [{ name: 'theirs', state: { blockedUntil: time.now + 900 } }];
    reporter().record('openai', { ok: false });
    await advance(0);
    expect(sent[0]?.report.limits).toEqual([{ name: 'mine', state: mine }]);
    expect(keyLimits.admit('openai:theirs', 1, time.now)).toBe(900);
    expect(keyLimits.admit('anthropic:theirs', 1, time.now)).toBe(0);
  });

  it('are handed to what outlives the answer', async () => {
    const { reporter, sent, state, advance } = isolate();
    for (let i = 0; i < 5; i++) reporter().record('openai', { ok: true });
    // The first went out at once; one of the others sends for all that came after it.
    expect(state.works).toHaveLength(2);
    await advance(FLUSH_EVERY_MS);
    await Promise.all(state.works);
    expect(sent).toHaveLength(2);
  });

  it('that are lost are logged and break nothing', async () => {
    const { reporter, sent, state, lines, advance } = isolate();
    state.fails = true;
    reporter().record('openai', { ok: true });
    await advance(0);
    await Promise.all(state.works);
    expect(lines.join()).toContain('a health report was lost');
    state.fails = false;
    await advance(FLUSH_EVERY_MS);
    reporter().record('openai', { ok: true });
    await advance(0);
    expect(sent).toHaveLength(1);
  });

  it('are sent by the next request when the one that promised to has died', async () => {
    const { reporter, sent, buffer, advance, time } = isolate();
    reporter().record('openai', { ok: true });
    await advance(0);
    // A request promised to send in a second and was cut off: nothing will wake it.
    const pending = buffer.get('openai');
    if (pending === undefined) throw new Error('nothing is buffered');
    pending.due = time.now + FLUSH_EVERY_MS;
    await advance(10 * FLUSH_EVERY_MS);
    reporter().record('openai', { ok: true });
    await advance(0);
    expect(sent).toHaveLength(2);
  });

  it('stay small however long nobody sends them', async () => {
    const { reporter, buffer, time } = isolate();
    for (let i = 0; i < 200; i++) {
      time.now += SLICE_MS;
      reporter().record('openai', { ok: true, firstTokenMs: i });
    }
    expect(buffer.get('openai')?.slices.length).toBeLessThanOrEqual(MAX_SLICES);
  });
});
