import { describe, expect, it } from 'vitest';
import { createLogger } from '../../platform/log.ts';
import { NOTHING_LEARNED } from './figures.ts';
import { fresh, notYetRead } from './kept.ts';
import { createRouterWith, knowledgeFor, type RouterSources } from './router.ts';
import { catalogOf, learnedOf, PRINCIPAL, requestFor, ruleOf } from './routing-fixture.ts';
import { NOTHING_SET, type TenantRouting } from './tenant-routing.ts';

const catalog = await catalogOf('openai', 'anthropic', 'google');

/** A router that counts what it asks for. */
function watched(tenant: Partial<TenantRouting> = {}, sources: Partial<RouterSources> = {}) {
  const asked: string[] = [];
  const router = createRouterWith({
    catalog: async () => catalog,
    learned: async () => {
      asked.push('learned');
      return NOTHING_LEARNED;
    },
    tenant: async ({ tenantId }) => {
      asked.push(tenantId);
      return { ...NOTHING_SET, ...tenant };
    },
    random: () => 0,
    ...sources,
  });
  return { router, asked };
}

describe('the router', () => {
  it('asks the database nothing and tells no task for a request that names its model', async () => {
    const { router, asked } = watched({ rules: [ruleOf('rule_1', { conditions: { model: '*' } })] });
    const request = requestFor('openai/gpt-6-sol', { models: ['claude-opus-5'] });
    const features = { ...request.features };
    Object.defineProperty(features, 'text', {
      get: () => {
        throw new Error('the text was looked at');
      },
    });
    const route = await router.route(PRINCIPAL, { ...request, features });
    expect(route).toMatchObject({ chosenBy: 'explicit', task: null });
    expect(asked).toEqual([]);
  });

  it('costs a few microseconds for such a request', async () => {
    const { router } = watched();
    const request = requestFor('anthropic/claude-opus-5');
    const time = async (count: number) => {
      const began = performance.now();
      for (let i = 0; i < count; i++) await router.route(PRINCIPAL, request);
      return ((performance.now() - began) / count) * 1_000;
    };
    await time(2_000);
    // A tenth of that is usual; a machine under load must not fail the test.
    expect(await time(5_000)).toBeLessThan(50);
  });

  it('asks for the tenant’s own rules and for what was learned, for everything else', async () => {
    const { router, asked } = watched({ rules: [ruleOf('rule_1', { target: { model: 'claude-opus-5' } })] });
    expect((await router.route(PRINCIPAL, requestFor('auto'))).ruleId).toBe('rule_1');
    expect(asked.sort()).toEqual(['learned', 'ten_1']);
  });

  it('never explores when it is only asked where a request would go', async () => {
    const { router } = watched({ exploration: 0.2 });
    const request = requestFor('auto', { text: 'What is the capital of Australia?' });
    expect((await router.route(PRINCIPAL, request)).explanation.exploration).toBe(true);
    const { route, state } = await router.resolve(PRINCIPAL, request);
    expect(route.explanation.exploration).toBe(false);
    expect(state.tenant.exploration).toBe(0.2);
  });

  it('takes a task that somebody knows for the prompt’s', async () => {
    const { router } = watched();
    const { route } = await router.resolve(PRINCIPAL, requestFor('auto', { text: 'hi' }), 'coding');
    expect(route.task).toMatchObject({ task: 'coding', confidence: 1 });
  });

  it('knows a tenant’s panels and those that every tenant has', async () => {
    const panel = {
      name: 'review',
      models: ['claude-opus-5'],
      strategy: 'debate',
      mergeModel: null,
      rounds: null,
      quorum: null,
      stragglerGraceMs: null,
    } as const;
    const { router } = watched({ panels: [{ ...panel, models: [...panel.models] }] });
    expect(await router.panel(PRINCIPAL, 'Review')).toMatchObject({ name: 'review' });
    expect(await router.panel(PRINCIPAL, 'consensus')).toMatchObject({ strategy: 'consensus' });
    expect(await router.panel(PRINCIPAL, 'toString')).toBeUndefined();
    expect((await router.panels(PRINCIPAL)).map(({ name }) => name)).toEqual(['review']);
  });
});

describe('knowledge', () => {
  it('is worked out once for a catalog and what was learned', () => {
    const learned = learnedOf({});
    expect(knowledgeFor(catalog, learned)).toBe(knowledgeFor(catalog, learned));
    expect(knowledgeFor(catalog, learnedOf({}))).not.toBe(knowledgeFor(catalog, learned));
  });
});

describe('what is kept in the isolate', () => {
  const lines: string[] = [];
  const log = createLogger({}, (_, line) => lines.push(line));
  const reading = (now: number, read: () => Promise<string>, more = {}) => ({
    now,
    maxAgeMs: 1_000,
    read,
    log,
    what: 'a value',
    ...more,
  });
  const away = () => Promise.reject(new Error('away'));

  it('is read once, then again when it is old', async () => {
    const kept = notYetRead('nothing');
    expect(
      await fresh(
        kept,
        reading(0, async () => 'a'),
      ),
    ).toBe('a');
    expect(
      await fresh(
        kept,
        reading(999, async () => 'b'),
      ),
    ).toBe('a');
    expect(
      await fresh(
        kept,
        reading(1_000, async () => 'c'),
      ),
    ).toBe('c');
  });

  it('serves while it is read anew, where somebody looks after the reading', async () => {
    const kept = notYetRead('nothing');
    await fresh(
      kept,
      reading(0, async () => 'old'),
    );
    const behind: Promise<unknown>[] = [];
    const waitUntil = (work: Promise<unknown>) => void behind.push(work);
    expect(
      await fresh(
        kept,
        reading(5_000, async () => 'new', { waitUntil }),
      ),
    ).toBe('old');
    expect(behind).toHaveLength(1);
    await behind[0];
    expect(await fresh(kept, reading(5_001, away))).toBe('new');
  });

  it('serves when the database is away, which is asked again soon and not by every request', async () => {
    const kept = notYetRead('default');
    let asked = 0;
    const failing = () => {
      asked += 1;
      return away();
    };
    const long = { maxAgeMs: 60_000 };
    expect(await fresh(kept, reading(0, failing, long))).toBe('default');
    expect(await fresh(kept, reading(9_999, failing, long))).toBe('default');
    expect(asked).toBe(1);
    expect(
      await fresh(
        kept,
        reading(10_000, async () => 'back', long),
      ),
    ).toBe('back');
    expect(lines.at(-1)).toContain('a value could not be read');
  });

  it('is not read twice by requests that come while it is read anew', async () => {
    const kept = notYetRead('nothing');
    await fresh(
      kept,
      reading(0, async () => 'old'),
    );
    let release: (value: string) => void = () => undefined;
    const slow = fresh(
      kept,
      reading(5_000, () => new Promise((resolve) => (release = resolve))),
    );
    expect(await fresh(kept, reading(5_000, away))).toBe('old');
    release('new');
    expect(await slow).toBe('new');
  });
});
