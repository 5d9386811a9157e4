import { describe, expect, it } from 'vitest';
import {
  type HealthSlice,
  latencyOf,
  latencyStep,
  MAX_NAMED_LIMITS,
  SLICE_MS,
  sliceStart,
  WINDOW_MS,
} from '../../src/features/providers/index.ts';
import { addCheck, addReport, EMPTY, limitsNow, restore, summarize } from './logic.ts';

const NOW = sliceStart(1_800_000_000_000);
const slice = (
  start: number,
  ok: number,
  failed: number,
  latencies: readonly number[] = [],
): HealthSlice => ({
  start,
  ok,
  failed,
  firstTokens: latencies.map((latency) => [latencyStep(latency), 1] as const),
});

describe('a provider’s memory', () => {
  it('adds up what isolates report within five minutes', () => {
    let memory = addReport(EMPTY, { slices: [slice(NOW, 3, 1, [100, 200])] }, NOW);
    memory = addReport(memory, { slices: [slice(NOW, 1, 0, [900]), slice(NOW - SLICE_MS, 2, 0)] }, NOW + 500);
    const summary = summarize(memory, NOW + 1_000);
    expect(summary).toMatchObject({ calls: 7, succeeded: 6, circuit: 'closed', check: null });
    expect(summary.firstTokenP50Ms).toBe(latencyOf(latencyStep(200)));
    expect(summary.firstTokenP95Ms).toBe(latencyOf(latencyStep(900)));
  });

  it('keeps of each limit the stricter word, until its time has passed, and a bounded number', () => {
    const told = (name: string, blockedUntil: number) => ({
      slices: [],
      limits: [{ name, state: { blockedUntil } }],
    });
    let memory = addReport(EMPTY, told('a', NOW + 500), NOW);
    memory = addReport(memory, told('a', NOW + 200), NOW + 10);
    expect(limitsNow(memory, NOW + 499)).toEqual([{ name: 'a', state: { blockedUntil: NOW + 500 } }]);
    expect(limitsNow(memory, NOW + 500)).toEqual([]);
    for (let i = 0; i <= MAX_NAMED_LIMITS; i++)
      memory = addReport(memory, told(`m${i}`, NOW + 400), NOW + 20);
    expect(limitsNow(memory, NOW + 30)).toHaveLength(MAX_NAMED_LIMITS);
    // As stored before there were limits.
    expect(limitsNow(restore({ version: 1, slices: [], circuit: null, check: null }), NOW)).toEqual([]);
  });

  it('says nothing of latencies when no call streamed', () => {
    const memory = addReport(EMPTY, { slices: [slice(NOW, 1, 0)] }, NOW);
    expect(summarize(memory, NOW)).toMatchObject({ calls: 1, firstTokenP50Ms: null, firstTokenP95Ms: null });
  });

  it('forgets a call once its slice has left the window, and not before', () => {
    const memory = addReport(EMPTY, { slices: [slice(NOW, 1, 0)] }, NOW);
    expect(summarize(memory, NOW + WINDOW_MS + SLICE_MS - 1).calls).toBe(1);
    expect(summarize(memory, NOW + WINDOW_MS + SLICE_MS).calls).toBe(0);
  });

  it('takes a clock that runs ahead as now, and drops what comes too late', () => {
    const memory = addReport(
      EMPTY,
      { slices: [slice(NOW + 60_000, 1, 0), slice(NOW - WINDOW_MS - SLICE_MS, 9, 9)] },
      NOW,
    );
    expect(memory.slices).toEqual([slice(NOW, 1, 0)]);
  });

  it('stays bounded whatever is reported', () => {
    const many = Array.from({ length: 500 }, (_, i) => slice(NOW - i * SLICE_MS, 1, 0));
    expect(addReport(EMPTY, { slices: many }, NOW).slices.length).toBeLessThanOrEqual(
      WINDOW_MS / SLICE_MS + 1,
    );
  });

  it('shows an open circuit as half open once its time has passed, and at last as closed', () => {
    const until = NOW + 10_000;
    const memory = addReport(EMPTY, { slices: [], circuit: { state: 'open', until } }, NOW);
    expect(summarize(memory, until - 1).circuit).toBe('open');
    expect(summarize(memory, until).circuit).toBe('half_open');
    expect(summarize(memory, until + WINDOW_MS).circuit).toBe('closed');
    const closed = addReport(memory, { slices: [], circuit: { state: 'closed', until: 0 } }, NOW + 1);
    expect(summarize(closed, NOW + 2).circuit).toBe('closed');
  });

  it('keeps the circuit when a report does not speak of it', () => {
    const open = addReport(EMPTY, { slices: [], circuit: { state: 'open', until: NOW + 10_000 } }, NOW);
    expect(summarize(addReport(open, { slices: [slice(NOW, 1, 0)] }, NOW), NOW).circuit).toBe('open');
  });

  it('keeps the latest check, in whatever order they come', () => {
    const later = { ok: true, at: NOW, latencyMs: 5, error: null };
    const earlier = { ok: false, at: NOW - 1, latencyMs: 5, error: 'No connection.' };
    expect(addCheck(addCheck(EMPTY, later), earlier).check).toEqual(later);
    expect(addCheck(addCheck(EMPTY, earlier), later).check).toEqual(later);
  });

  it('survives being written as JSON and read again', () => {
    const memory = addCheck(
      addReport(EMPTY, { slices: [slice(NOW, 3, 1, [100])], circuit: { state: 'open', until: 5 } }, NOW),
      {
        ok: true,
        at: NOW,
        latencyMs: 1,
        error: null,
      },
    );
    expect(restore(JSON.parse(JSON.stringify(memory)))).toEqual(memory);
  });

  it.each([undefined, null, 7, 'text', {}, { version: 2, slices: [] }])(
    'takes %j in storage for nothing',
    (stored) => {
      expect(restore(stored)).toEqual(EMPTY);
    },
  );
});
