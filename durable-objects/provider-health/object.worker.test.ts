import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { type HealthReport, latencyOf, latencyStep, sliceStart } from '../../src/features/providers/index.ts';

const healthOf = (provider: string) => env.PROVIDER_HEALTH.getByName(provider);

const report = (ok: number, failed: number, latencies: readonly number[] = []): HealthReport => ({
  slices: [
    {
      start: sliceStart(Date.now()),
      ok,
      failed,
      firstTokens: latencies.map((latency) => [latencyStep(latency), 1]),
    },
  ],
});

describe('a provider’s health object', () => {
  it('adds up the reports of all isolates', async () => {
    const health = healthOf('adds-up');
    await health.report(report(3, 1, [120]));
    await health.report(report(1, 0, [480]));
    expect(await health.summary()).toEqual({
      calls: 5,
      succeeded: 4,
      firstTokenP50Ms: latencyOf(latencyStep(120)),
      firstTokenP95Ms: latencyOf(latencyStep(480)),
      circuit: 'closed',
      check: null,
    });
  });

  it('knows nothing of another provider', async () => {
    await healthOf('one').report(report(1, 0));
    expect((await healthOf('another').summary()).calls).toBe(0);
  });

  it('remembers after an eviction what was reported, checked and said of the circuit', async () => {
    const health = healthOf('evicted');
    const until = Date.now() + 60_000;
    const check = { ok: false, at: Date.now(), latencyMs: 12, error: 'Answered with status 500.' };
    await health.report({ ...report(2, 1, [300]), circuit: { state: 'open', until } });
    await health.recordCheck(check);
    const before = await health.summary();
    await evictDurableObject(health);
    expect(await health.summary()).toEqual(before);
    expect(before).toMatchObject({ calls: 3, succeeded: 2, circuit: 'open', check });
  });

  it('writes to storage once for many reports that come together', async () => {
    const health = healthOf('written-seldom');
    for (let i = 0; i < 20; i++) await health.report(report(1, 0));
    const stored = await runInDurableObject(health, (_, state) =>
      state.storage.kv.get<{ slices: { ok: number }[] }>('snapshot'),
    );
    expect(stored?.slices.reduce((sum, slice) => sum + slice.ok, 0)).toBe(1);
    expect((await health.summary()).calls).toBe(20);
  });

  it('answers a report with the limits that other isolates have told of, also after an eviction', async () => {
    const health = healthOf('limited');
    const state = { blockedUntil: Date.now() + 50_000 };
    expect(await health.report({ ...report(0, 1), limits: [{ name: 'digest:model', state }] })).toEqual({
      limits: [{ name: 'digest:model', state }],
    });
    await evictDurableObject(health);
    expect(await health.report(report(1, 0))).toEqual({ limits: [{ name: 'digest:model', state }] });
    expect(await healthOf('not-limited').report(report(1, 0))).toEqual({ limits: [] });
  });

  it('starts anew from a snapshot that it cannot read', async () => {
    const health = healthOf('unreadable');
    await runInDurableObject(health, (_, state) =>
      state.storage.kv.put('snapshot', { version: 99, slices: 'none' }),
    );
    await evictDurableObject(health);
    expect((await health.summary()).calls).toBe(0);
    await health.report(report(1, 0));
    expect((await health.summary()).calls).toBe(1);
  });
});
