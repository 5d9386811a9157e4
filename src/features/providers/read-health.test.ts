import { describe, expect, it } from 'vitest';
import { createLogger } from '../../platform/log.ts';
import { type HealthSummary, NOTHING_KNOWN } from './health.ts';
import { readHealth } from './read-health.ts';

const log = createLogger({}, () => undefined);
const summary: HealthSummary = { ...NOTHING_KNOWN, calls: 3, succeeded: 3 };

function objects(answers: Record<string, () => Promise<HealthSummary>>) {
  const asked: string[] = [];
  return {
    asked,
    namespace: {
      getByName: (id: string) => ({
        summary: () => {
          asked.push(id);
          return answers[id]?.() ?? Promise.reject(new Error('no such object'));
        },
      }),
    },
  };
}

describe('reading the health of providers', () => {
  it('asks each one’s object, and for some seconds not again', async () => {
    const { asked, namespace } = objects({ openai: async () => summary });
    const cache = new Map();
    expect((await readHealth(namespace, ['openai'], { now: 0, log, cache })).get('openai')).toEqual(summary);
    await readHealth(namespace, ['openai'], { now: 4_999, log, cache });
    expect(asked).toHaveLength(1);
    await readHealth(namespace, ['openai'], { now: 5_000, log, cache });
    expect(asked).toHaveLength(2);
  });

  it('knows nothing of one that fails, without keeping the others', async () => {
    const { namespace } = objects({ openai: async () => summary });
    const health = await readHealth(namespace, ['broken', 'openai'], { now: 0, log, cache: new Map() });
    expect(health.get('broken')).toEqual(NOTHING_KNOWN);
    expect(health.get('openai')).toEqual(summary);
  });

  it('shows what was known before when one fails later', async () => {
    let fails = false;
    const { namespace } = objects({
      openai: async () => (fails ? Promise.reject(new Error('overloaded')) : summary),
    });
    const cache = new Map();
    await readHealth(namespace, ['openai'], { now: 0, log, cache });
    fails = true;
    expect((await readHealth(namespace, ['openai'], { now: 60_000, log, cache })).get('openai')).toEqual(
      summary,
    );
  });
});
