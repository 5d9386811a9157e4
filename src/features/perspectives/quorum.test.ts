import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterEnd, CONNECTIONS_PER_INVOCATION, connectionGroups, runStatus } from './quorum.ts';

describe('waiting for perspectives', () => {
  it('goes on when all have ended, gives grace when the quorum is in, and waits otherwise', () => {
    expect(afterEnd({ completed: 1, failed: 0, total: 3 }, null)).toBe('wait');
    expect(afterEnd({ completed: 1, failed: 1, total: 3 }, 2)).toBe('wait');
    expect(afterEnd({ completed: 2, failed: 0, total: 3 }, 2)).toBe('grace');
    expect(afterEnd({ completed: 2, failed: 1, total: 3 }, 3)).toBe('finish');
  });

  it('waits for the rest when the quorum can no longer be reached, because every answer still counts', () => {
    expect(afterEnd({ completed: 0, failed: 2, total: 3 }, 2)).toBe('wait');
  });

  it('calls a run by what came of its perspectives', () => {
    expect(runStatus({ completed: 3, failed: 0, total: 3 })).toBe('completed');
    expect(runStatus({ completed: 1, failed: 2, total: 3 })).toBe('partial');
    expect(runStatus({ completed: 0, failed: 3, total: 3 })).toBe('failed');
  });
});

describe('spreading a fan-out over invocations', () => {
  it('keeps every item once, in groups within the platform’s bound and as even as can be', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 40 }), (items) => {
        const groups = connectionGroups(items);
        expect(groups.flat().sort()).toEqual([...items].sort());
        const sizes = groups.map((group) => group.length);
        for (const size of sizes) expect(size).toBeLessThanOrEqual(CONNECTIONS_PER_INVOCATION);
        if (sizes.length > 0) expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('makes one group of an ordinary run', () => {
    expect(connectionGroups([1, 2, 3])).toEqual([[1, 2, 3]]);
    expect(connectionGroups([])).toEqual([]);
  });
});
