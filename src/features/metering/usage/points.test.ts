import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { usageEvent } from '../../../../test/worker/usage-events.ts';
import { createLogger } from '../../../platform/log.ts';
import { drawn, pointOf, writePoints } from './points.ts';

const events = (count: number) => Array.from({ length: count }, (_, i) => usageEvent({ id: `call_${i}` }));

describe('points of usage', () => {
  it('are at most as many as may be written, each event once, and stand for all', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2_500 }), fc.integer({ min: 1, max: 300 }), (count, most) => {
        const points = drawn(events(count), most);
        expect(points).toHaveLength(Math.min(count, most));
        expect(new Set(points.map(({ event }) => event.id)).size).toBe(points.length);
        expect(points.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(count, 6);
      }),
    );
  });

  it('fit what a point may hold, and carry no more than ids, names and numbers', () => {
    const { blobs, doubles, indexes } = pointOf(usageEvent({ id: 'call_1' }), 1);
    expect(indexes).toEqual(['ten_1']);
    expect(blobs?.length).toBeLessThanOrEqual(20);
    expect(doubles?.length).toBeLessThanOrEqual(20);
  });

  it('that cannot be written are logged and fail nothing', () => {
    const lines: string[] = [];
    const points = {
      writeDataPoint: () => {
        throw new Error('away');
      },
    };
    writePoints(
      points,
      events(1),
      createLogger({}, (_level, line) => lines.push(line)),
    );
    expect(lines.join('')).toContain('points of usage could not be written');
  });
});
