import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  abandon,
  admit,
  BREAKER_SETTINGS,
  type BreakerState,
  CLOSED,
  fail,
  phaseAt,
  succeed,
} from './breaker.ts';
import { createBreakers } from './breakers.ts';

const { failures, windowMs, openMs, maxOpenMs, probeMs } = BREAKER_SETTINGS;
const START = 1_800_000_000_000;

function failing(times: number, from: BreakerState = CLOSED, now = START): BreakerState {
  let state = from;
  for (let i = 0; i < times; i++) state = fail(state, now + i, false);
  return state;
}

/** An open circuit whose time has passed, and the probe it lets through. */
function probing(state: BreakerState, now: number) {
  const { state: next, admission } = admit(state, now);
  expect(admission).toEqual({ allowed: true, probe: true });
  return next;
}

describe('a circuit', () => {
  it('stays closed until enough calls have failed', () => {
    expect(phaseAt(failing(failures - 1), START)).toBe('closed');
    expect(phaseAt(failing(failures), START)).toBe('open');
  });

  it('stays closed while more calls succeed than fail', () => {
    let state: BreakerState = CLOSED;
    for (let i = 0; i < 20; i++) state = succeed(state, START, false);
    state = failing(19, state);
    expect(phaseAt(state, START)).toBe('closed');
    expect(phaseAt(fail(state, START, false), START)).toBe('open');
  });

  it('forgets failures that are older than its window', () => {
    const old = failing(failures - 1);
    const later = START + windowMs + 1;
    expect(phaseAt(fail(old, later, false), later)).toBe('closed');
  });

  it('refuses calls while open and says when it will let one through', () => {
    const open = failing(failures, CLOSED, START);
    const opened = START + failures - 1;
    expect(admit(open, opened).admission).toEqual({ allowed: false, retryAfterMs: openMs });
    expect(admit(open, opened + openMs - 1).admission).toEqual({ allowed: false, retryAfterMs: 1 });
  });

  it('lets exactly one probe through once its time has passed', () => {
    const now = START + failures + openMs;
    const half = probing(failing(failures), now);
    expect(phaseAt(half, now)).toBe('half_open');
    expect(admit(half, now + 1).admission.allowed).toBe(false);
  });

  it('closes when the probe succeeds, and has forgotten the failures', () => {
    const now = START + failures + openMs;
    const closed = succeed(probing(failing(failures), now), now + 5, true);
    expect(closed).toEqual(CLOSED);
    expect(phaseAt(failing(failures - 1, closed, now), now)).toBe('closed');
  });

  it('opens for twice as long each time a probe fails, up to a bound', () => {
    let state = failing(failures);
    let now = START + failures;
    let expected = openMs;
    for (let round = 0; round < 8; round++) {
      now += expected;
      state = fail(probing(state, now), now, true);
      expected = Math.min(expected * 2, maxOpenMs);
      expect(admit(state, now).admission).toEqual({ allowed: false, retryAfterMs: expected });
    }
    expect(expected).toBe(maxOpenMs);
  });

  it('gives a cancelled probe’s place to the next call', () => {
    const now = START + failures + openMs;
    const state = abandon(probing(failing(failures), now), now, true);
    probing(state, now);
  });

  it('does not wait for ever for a probe that never came back', () => {
    const now = START + failures + openMs;
    const half = probing(failing(failures), now);
    expect(admit(half, now + probeMs - 1).admission.allowed).toBe(false);
    probing(half, now + probeMs);
  });

  it('is not moved by calls that began before it opened', () => {
    const open = failing(failures);
    expect(succeed(open, START, false)).toEqual(open);
    expect(fail(open, START, false)).toEqual(open);
    const half = probing(open, START + failures + openMs);
    expect(succeed(half, START + failures + openMs, false)).toEqual(half);
    expect(abandon(half, START, false)).toEqual(half);
  });

  it('whatever happens, never has two probes out at a time and always lets one through in the end', () => {
    const step = fc.record({
      wait: fc.integer({ min: 0, max: 40_000 }),
      outcome: fc.constantFrom('ok', 'failed', 'abandoned', 'pending'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
        let state: BreakerState = CLOSED;
        let now = START;
        let probeOutUntil = 0;
        for (const { wait, outcome } of steps) {
          now += wait;
          const asked = admit(state, now);
          state = asked.state;
          const { admission } = asked;
          if (!admission.allowed) {
            expect(admission.retryAfterMs).toBeGreaterThan(0);
            continue;
          }
          if (admission.probe) expect(now).toBeGreaterThanOrEqual(probeOutUntil);
          if (outcome === 'pending' && admission.probe) probeOutUntil = now + probeMs;
          if (outcome === 'ok') state = succeed(state, now, admission.probe);
          if (outcome === 'failed') state = fail(state, now, admission.probe);
          if (outcome === 'abandoned') state = abandon(state, now, admission.probe);
          if (state.phase === 'closed') expect(state.slices.length).toBeLessThanOrEqual(7);
        }
        expect(admit(state, now + Math.max(maxOpenMs, probeMs)).admission.allowed).toBe(true);
      }),
    );
  });
});

describe('the breakers of an isolate', () => {
  it('keep providers and keys apart', () => {
    const breakers = createBreakers();
    for (let i = 0; i < failures; i++) breakers.report('openai:aaaa', 'failed', false, START);
    expect(breakers.admit('openai:aaaa', START).allowed).toBe(false);
    expect(breakers.admit('openai:bbbb', START).allowed).toBe(true);
    expect(breakers.phase('openai:aaaa', START)).toBe('open');
  });

  it('are bounded: the one unused for longest is forgotten', () => {
    const breakers = createBreakers(BREAKER_SETTINGS, 3);
    for (let i = 0; i < failures; i++) breakers.report('a', 'failed', false, START);
    for (const id of ['b', 'c', 'd']) breakers.report(id, 'succeeded', false, START);
    expect(breakers.admit('a', START).allowed).toBe(true);
  });

  it('tell a change of phase', () => {
    const breakers = createBreakers();
    const changes = Array.from({ length: failures }, () => breakers.report('a', 'failed', false, START));
    expect(changes.at(-2)).toMatchObject({ before: 'closed', after: 'closed' });
    expect(changes.at(-1)).toEqual({ before: 'closed', after: 'open', openUntil: START + openMs });
  });
});
