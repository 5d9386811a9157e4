import { describe, expect, it } from 'vitest';
import type { ProviderPreferences } from '../../contracts/routing.ts';
import { ParallaxError } from '../../platform/errors.ts';
import type { Catalog } from '../catalog/index.ts';
import { decide } from './decide.ts';
import type { RouteRequest } from './route.ts';
import { catalogOf, learnedOf, modelOf, requestFor, ruleOf, stateOf } from './routing-fixture.ts';
import type { Panel, Rule, TenantRouting } from './tenant-routing.ts';

const three = await catalogOf('openai', 'anthropic', 'google', 'local');
const local = await catalogOf('local');
const clouds = await catalogOf('vertex_ai', 'azure', 'openrouter', 'deepseek', 'local');
const none = await catalogOf();

type Asked = Partial<RouteRequest> & { readonly text?: string };
const route = (
  catalog: Catalog,
  model: string,
  asked: Asked = {},
  tenant: Partial<TenantRouting> = {},
  dice?: () => number,
) => decide(requestFor(model, asked), stateOf(catalog, { tenant, ...(dice === undefined ? {} : { dice }) }));
const idsOf = (...args: Parameters<typeof route>) => route(...args).targets.map(({ id }) => id);
const refusal = (...args: Parameters<typeof route>): ParallaxError => {
  try {
    route(...args);
  } catch (error) {
    if (error instanceof ParallaxError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

const HARD =
  'Three people check into a hotel room that costs 30 dollars. Where is the missing dollar? Explain your reasoning step by step.';
const CODE = 'Write a Python function that checks whether a string is a palindrome.';

describe('a request that names a model', () => {
  it('gets that model alone, whatever its spelling, and nothing is weighed', () => {
    const found = route(
      three,
      'Claude-Opus-5',
      {},
      { rules: [ruleOf('rule_1', { conditions: { model: '*' } })] },
    );
    expect(found).toMatchObject({ chosenBy: 'explicit', task: null, ruleId: null, panel: null });
    expect(found.targets.map(({ id }) => id)).toEqual(['anthropic/claude-opus-5']);
    expect(found.explanation).toMatchObject({ chosen: null, runnersUp: [], confidence: 1 });
  });

  it('gets the fallbacks it names, in its order, each once', () => {
    expect(
      idsOf(three, 'openai/gpt-6-sol', {
        models: ['claude-opus-5', 'openai/gpt-6-sol', 'google/gemini-3.8-flash'],
      }),
    ).toEqual(['openai/gpt-6-sol', 'anthropic/claude-opus-5', 'google/gemini-3.8-flash']);
  });

  it('goes on to its fallbacks where there is no key for the first, and says so', () => {
    const found = route(local, 'anthropic/claude-opus-5', { models: ['local/swift'] });
    expect(found.targets.map(({ id }) => id)).toEqual(['local/swift']);
    expect(found.chosenBy).toBe('fallback');
    expect(found.explanation.reason).toContain('no key for anthropic');
  });

  it('may name a fault model, for whoever tests against one', () => {
    expect(idsOf(local, 'local/overloaded', { models: ['local/swift'] })).toEqual([
      'local/overloaded',
      'local/swift',
    ]);
  });

  it('is refused with what is wrong', () => {
    expect(refusal(local, 'anthropic/claude-opus-5')).toMatchObject({ code: 'no_provider_key' });
    const unknown = refusal(three, 'anthropic/claude-opos-5');
    expect(unknown).toMatchObject({ code: 'model_not_found' });
    expect(unknown.details.nearest).toContain('anthropic/claude-opus-5');
    expect(refusal(three, 'openai/gpt-6-sol', { models: ['no-such-model'] })).toMatchObject({
      code: 'model_not_found',
    });
    expect(refusal(three, 'openai/text-embedding-3-small')).toMatchObject({ code: 'unsupported_parameter' });
    expect(refusal(none, 'auto')).toMatchObject({ code: 'no_provider_key' });
  });

  it('may want a model for something else, which `auto` does not choose', () => {
    expect(idsOf(local, 'local/embed', { category: 'embedding' })).toEqual(['local/embed']);
    expect(refusal(local, 'local/swift', { category: 'embedding' })).toMatchObject({
      code: 'unsupported_parameter',
    });
    expect(refusal(local, 'auto', { category: 'embedding' })).toMatchObject({
      code: 'unsupported_parameter',
    });
  });
});

describe('a name that several providers have', () => {
  it('is served by the best offer, the others behind it, a deployment of Azure last', () => {
    const found = route(clouds, 'claude-opus-5');
    expect(found.chosenBy).toBe('explicit');
    const ids = found.targets.map(({ id }) => id);
    expect(ids).toContain('vertex_ai/claude-opus-5');
    expect(ids.at(-1)).toBe('azure/claude-opus-5');
    expect(found.explanation.reason).toContain(`"claude-opus-5" is served as ${ids[0]}`);
  });

  it('is not served by an offer that cannot do what the request needs, while another can', () => {
    const plain = modelOf('openrouter/x', { capabilities: ['streaming'], usd: [0.1, 0.4] });
    const offers = [plain, modelOf('vertex_ai/x'), modelOf('azure/x')];
    const catalog = { ...clouds, find: () => undefined, offers: () => offers };
    expect(idsOf(catalog, 'x')).toEqual(['openrouter/x', 'vertex_ai/x', 'azure/x']);
    expect(idsOf(catalog, 'x', { needs: ['tools'] })).toEqual(['vertex_ai/x', 'azure/x']);
    expect(idsOf(catalog, 'x', { needs: ['audio_input'] })).toHaveLength(3);
  });

  it('goes to the offer that works when another is down', () => {
    const request = requestFor('claude-opus-5');
    const first = (down: string) =>
      decide(request, stateOf(clouds, { learned: learnedOf({ [down]: { ok: 3 } }) })).targets[0]?.id;
    expect(first('vertex_ai/claude-opus-5')).toBe('openrouter/anthropic/claude-opus-5');
    expect(first('openrouter/anthropic/claude-opus-5')).toBe('vertex_ai/claude-opus-5');
  });
});

describe('an alias', () => {
  it('stands for its model, and says so', () => {
    const found = route(local, 'fast');
    expect(found).toMatchObject({ chosenBy: 'alias', task: null });
    expect(found.explanation.reason).toBe('"fast" stands for local/swift.');
  });
});

describe('auto', () => {
  it('may be written in any case, and as parallax/auto', () => {
    for (const name of ['AUTO', ' auto ', 'parallax/auto', 'Parallax/Auto'])
      expect(route(three, name).chosenBy, name).toBe('auto');
  });

  it('chooses by task, and brings fallbacks of other providers', () => {
    const hard = route(three, 'auto', { text: HARD });
    const easy = route(three, 'auto', { text: 'hi there' });
    expect(hard.task?.task).toBe('reasoning');
    expect(hard.targets[0]?.tier).toBe('premium');
    expect(easy.targets[0]?.tier).not.toBe('premium');
    for (const { targets } of [hard, easy]) {
      expect(targets).toHaveLength(4);
      expect(new Set(targets.slice(0, 3).map(({ provider }) => provider)).size).toBe(3);
    }
  });

  it('explains itself: a sentence, estimates, runners-up with their components, and how sure it is', () => {
    const { explanation, targets, chosenBy } = route(three, 'AUTO', { text: CODE });
    expect(chosenBy).toBe('auto');
    expect(explanation.reason).toMatch(
      /^\S+ scores best of \d+ models for a programming prompt \(\d+ % sure\): quality 0\.\d\d, about \$0\.\d+ and [\d.]+ s a call\.$/,
    );
    expect(explanation.chosen?.model).toBe(targets[0]);
    expect(explanation.runnersUp).toHaveLength(5);
    for (const one of explanation.runnersUp)
      expect(one.score).toBeLessThanOrEqual(explanation.chosen?.score ?? 0);
    expect(explanation.confidence).toBeGreaterThanOrEqual(0.5);
    expect(explanation.exploration).toBe(false);
  });

  it('never chooses a hidden, retired or trial model, nor a stand-in where there is a real one', async () => {
    const many = await catalogOf('openrouter', 'groq', 'openai', 'local');
    for (const text of [HARD, CODE, 'hi', 'Translate to German: hello']) {
      for (const { id, hidden, deprecated } of route(many, 'auto', { text }).targets) {
        expect(id).not.toMatch(/^local\/|:free$|:batch$/);
        expect([hidden, deprecated]).toEqual([false, false]);
      }
    }
    expect(new Set(idsOf(local, 'auto'))).toEqual(new Set(['local/swift', 'local/sage', 'local/scribe']));
  });

  it('chooses among models that can do what the request needs', () => {
    const audio = route(three, 'auto', { needs: ['audio_input'] });
    for (const model of audio.targets) expect(model.capabilities).toContain('audio_input');
    const long = route(three, 'auto', { inputTokens: 600_000 });
    for (const { contextWindow } of long.targets) expect(contextWindow).toBeGreaterThan(600_000);
    const wordy = route(three, 'auto', { maxOutputTokens: 100_000 });
    for (const { maxOutputTokens } of wordy.targets) expect(maxOutputTokens).toBeGreaterThanOrEqual(100_000);
  });

  it('names what no model can do', () => {
    expect(refusal(local, 'auto', { needs: ['tools', 'audio_input'] })).toMatchObject({
      code: 'unsupported_parameter',
      message: 'No model that can be used takes audio.',
    });
    expect(refusal(local, 'auto', { inputTokens: 250_000 }).message).toBe(
      'No model that can be used has room for 250,000 tokens.',
    );
    expect(refusal(three, 'auto', { needs: ['audio_input'], inputTokens: 1_049_000 }).message).toBe(
      'No model that can be used does all of this at once: it takes audio and has room for 1,049,000 tokens.',
    );
  });

  it('moves away from a model that fails or has become slow', () => {
    const request = requestFor('auto', { text: CODE });
    const usual = decide(request, stateOf(three)).targets[0]?.id ?? '';
    const chosen = (learned: ReturnType<typeof learnedOf>) =>
      decide(request, stateOf(three, { learned })).targets[0]?.id;
    expect(chosen(learnedOf({ [usual]: { ok: 10 } }))).not.toBe(usual);
    expect(chosen(learnedOf({ [usual]: { firstTokenMs: 30_000, msPerToken: 300 } }))).not.toBe(usual);
    expect(chosen(learnedOf({ [usual]: { ok: 100 } }))).toBe(usual);
  });

  it('follows the tenant’s weights', () => {
    const cheap = route(
      three,
      'auto',
      { text: HARD },
      { weights: { cost: 1, latency: 0, quality: 0, reliability: 0 } },
    );
    const good = route(
      three,
      'auto',
      { text: HARD },
      { weights: { cost: 0, latency: 0, quality: 1, reliability: 0 } },
    );
    expect(cheap.targets[0]?.tier).toBe('eco');
    expect(good.targets[0]?.tier).toBe('premium');
  });

  it('explores within the tenant’s bound, and says so', () => {
    const rolls =
      (...values: number[]) =>
      () =>
        values.shift() ?? 0.5;
    const text = 'What is the capital of Australia?';
    const usual = route(three, 'auto', { text }, { exploration: 0.02 }, rolls(0.02));
    expect(usual.explanation.exploration).toBe(false);
    const tried = route(three, 'auto', { text }, { exploration: 0.02 }, rolls(0.019));
    expect(tried.explanation.exploration).toBe(true);
    expect(tried.targets[0]?.id).not.toBe(usual.targets[0]?.id);
    expect(tried.explanation.reason).toContain(`is tried in the place of ${usual.targets[0]?.id}`);
    expect(tried.explanation.runnersUp[0]?.model.id).toBe(usual.targets[0]?.id);
  });

  it('takes the fallbacks that the request names in place of its own', () => {
    expect(idsOf(three, 'auto', { text: HARD, models: ['openai/gpt-6-luna'] }).slice(1)).toEqual([
      'openai/gpt-6-luna',
    ]);
    expect(idsOf(three, 'openai/gpt-6-luna', { text: HARD, models: ['auto'] })).toHaveLength(2);
  });
});

describe('provider preferences', () => {
  const asked = (preferences: ProviderPreferences, more: Asked = {}): Asked => ({ preferences, ...more });

  it('bring in the other offers of a named model, itself first', () => {
    const ids = idsOf(clouds, 'openrouter/anthropic/claude-opus-5', asked({}));
    expect(ids[0]).toBe('openrouter/anthropic/claude-opus-5');
    expect(ids).toContain('vertex_ai/claude-opus-5');
    expect(idsOf(clouds, 'openrouter/anthropic/claude-opus-5')).toHaveLength(1);
  });

  it('let another provider serve a model whose own has no key', () => {
    expect(idsOf(clouds, 'anthropic/claude-opus-5', asked({ only: ['google-vertex'] }))).toEqual([
      'vertex_ai/claude-opus-5',
    ]);
  });

  it('order, narrow and bound them', () => {
    expect(idsOf(clouds, 'claude-opus-5', asked({ order: ['azure', 'openrouter'] })).slice(0, 2)).toEqual([
      'azure/claude-opus-5',
      'openrouter/anthropic/claude-opus-5',
    ]);
    expect(
      idsOf(clouds, 'claude-opus-5', asked({ ignore: ['openrouter'], allow_fallbacks: false })),
    ).toHaveLength(1);
    expect(idsOf(clouds, 'claude-opus-5', asked({ data_collection: 'deny' }))).not.toContain(
      'openrouter/anthropic/claude-opus-5',
    );
  });

  it('that leave nothing of the first model are no matter where a fallback is left', () => {
    const found = route(
      three,
      'anthropic/claude-opus-5',
      asked({ only: ['openai'] }, { models: ['openai/gpt-6-sol'] }),
    );
    expect(found.targets.map(({ id }) => id)).toEqual(['openai/gpt-6-sol']);
    expect(found.chosenBy).toBe('fallback');
    expect(found.explanation.notes[0]).toContain('provider.only');
    expect(refusal(three, 'anthropic/claude-opus-5', asked({ only: ['openai'] }))).toMatchObject({
      code: 'invalid_parameter',
      param: 'provider.only',
    });
  });

  it('narrow what auto chooses among, order it, and move its weights', () => {
    const providers = (preferences: ProviderPreferences) =>
      route(three, 'auto', asked(preferences, { text: HARD })).targets.map(({ provider }) => provider);
    expect(new Set(providers({ only: ['anthropic'] }))).toEqual(new Set(['anthropic']));
    expect(providers({ ignore: ['google'] })).not.toContain('google');
    expect(providers({ order: ['openai'] })[0]).toBe('openai');
    expect(providers({ allow_fallbacks: false })).toHaveLength(1);
    const cheap = route(three, 'auto', asked({ sort: 'price' }, { text: HARD }));
    expect(cheap.targets[0]?.tier).toBe('eco');
    expect(refusal(three, 'auto', asked({ only: ['groq'] })).param).toBe('provider.only');
    expect(refusal(three, 'auto', asked({ max_price: { prompt: 0.0001 } })).param).toBe('provider.max_price');
  });

  it('sort over all the models named when asked to', () => {
    const ids = idsOf(
      three,
      'anthropic/claude-opus-5',
      asked(
        { sort: { by: 'price', partition: 'none' } },
        { models: ['openai/gpt-6-luna', 'openai/gpt-6-sol'] },
      ),
    );
    expect(ids).toEqual(['openai/gpt-6-luna', 'openai/gpt-6-sol', 'anthropic/claude-opus-5']);
  });
});

describe('a tenant’s rules', () => {
  const ruled = (rules: readonly Rule[], asked: Asked = {}, model = 'auto', catalog = three) =>
    route(catalog, model, asked, { rules });
  const to = (model: string) => ({ target: { model } });

  it('send what they hold for, the lowest priority first, of equal ones the oldest', () => {
    const rules = [
      ruleOf('rule_3', { ...to('openai/gpt-6-sol'), priority: 5 }),
      ruleOf('rule_2', { ...to('google/gemini-3.8-flash'), priority: 1 }),
      ruleOf('rule_1', { ...to('anthropic/claude-opus-5'), priority: 1 }),
      ruleOf('rule_0', { ...to('openai/gpt-6-luna'), priority: 0, enabled: false }),
    ];
    const found = ruled(rules);
    expect(found.targets.map(({ id }) => id)).toEqual(['anthropic/claude-opus-5']);
    expect(found).toMatchObject({ chosenBy: 'rule', ruleId: 'rule_1' });
    expect(found.explanation).toMatchObject({
      reason: 'By the rule "rule_1".',
      rule: { id: 'rule_1', name: 'rule_1' },
    });
  });

  it.each([
    ['tasks', { tasks: ['coding'] }, { text: CODE }, { text: 'hi' }],
    ['confidence', { tasks: ['coding'], min_confidence: 0.5 }, { text: CODE }, { text: 'и как это сделать' }],
    ['tokens', { min_input_tokens: 100, max_input_tokens: 200 }, { inputTokens: 200 }, { inputTokens: 201 }],
    ['few tokens', { min_input_tokens: 100 }, { inputTokens: 100 }, { inputTokens: 99 }],
    ['capabilities', { capabilities: ['vision'] }, { needs: ['vision', 'tools'] }, { needs: ['tools'] }],
  ] as const)('look at %s', (_, conditions, fitting, other) => {
    const rules = [
      ruleOf('rule_1', { ...to('anthropic/claude-opus-5'), conditions: conditions as Rule['conditions'] }),
    ];
    expect(ruled(rules, fitting as Asked).ruleId).toBe('rule_1');
    expect(ruled(rules, other as Asked).ruleId).toBeNull();
  });

  it('give names of the tenant’s own a meaning, and aliases another', () => {
    const rules = [
      ruleOf('rule_1', { ...to('anthropic/claude-haiku-4-5'), conditions: { model: 'support-*' } }),
      ruleOf('rule_2', { ...to('anthropic/claude-opus-5'), conditions: { model: 'best' } }),
    ];
    expect(ruled(rules, {}, 'Support-DE').targets[0]?.id).toBe('anthropic/claude-haiku-4-5');
    expect(ruled(rules, {}, 'best')).toMatchObject({ chosenBy: 'rule', ruleId: 'rule_2' });
    expect(ruled(rules, {}, 'fast').chosenBy).toBe('alias');
    expect(ruled(rules).chosenBy).toBe('auto');
    expect(refusal(three, 'sales-de', {}, { rules })).toMatchObject({ code: 'model_not_found' });
  });

  it('never take a request that names a model', () => {
    const rules = [ruleOf('rule_1', { ...to('local/swift'), conditions: { model: '*' } })];
    expect(ruled(rules, {}, 'openai/gpt-6-sol')).toMatchObject({ chosenBy: 'explicit', ruleId: null });
    expect(ruled(rules, { preferences: {} }, 'openai/gpt-6-sol')).toMatchObject({
      chosenBy: 'explicit',
      ruleId: null,
    });
  });

  it('lead to the best of some models', () => {
    const rules = [ruleOf('rule_1', { target: { auto: ['claude-opus-5', 'openai/gpt-6-luna'] } })];
    expect(
      ruled(rules, { text: HARD })
        .targets.map(({ id }) => id)
        .sort(),
    ).toEqual(['anthropic/claude-opus-5', 'openai/gpt-6-luna']);
    const { explanation, chosenBy } = ruled(rules, { text: HARD });
    expect(chosenBy).toBe('rule');
    expect(explanation.reason).toMatch(/^By the rule "rule_1": \S+ scores best of 2 models/);
    expect(explanation.runnersUp).toHaveLength(1);
  });

  it('bring their own fallbacks', () => {
    const rules = [
      ruleOf('rule_1', {
        ...to('claude-opus-5'),
        fallbacks: ['openai/gpt-6-sol', 'groq/nothing-here', 'gpt-6-luna'],
      }),
    ];
    expect(ruled(rules).targets.map(({ id }) => id)).toEqual([
      'anthropic/claude-opus-5',
      'openai/gpt-6-sol',
      'openai/gpt-6-luna',
    ]);
  });

  it('are followed by the fallbacks that the request names', () => {
    const rules = [ruleOf('rule_1', { ...to('claude-opus-5'), fallbacks: ['openai/gpt-6-sol'] })];
    expect(
      ruled(rules, { models: ['gemini-3.8-flash', 'openai/gpt-6-sol'] }).targets.map(({ id }) => id),
    ).toEqual(['anthropic/claude-opus-5', 'openai/gpt-6-sol', 'google/gemini-3.8-flash']);
  });

  it('are passed over with a note where they cannot be followed', () => {
    const rules = [
      ruleOf('gone', to('openai/gpt-99')),
      ruleOf('keyless', to('groq/openai/gpt-oss-120b')),
      ruleOf('unable', to('openai/gpt-6-sol')),
      ruleOf('panelless', { target: { panel: 'nobody' } }),
      ruleOf('empty', { target: { auto: ['groq/openai/gpt-oss-20b'] } }),
    ].map((rule, i) => ({ ...rule, priority: i }));
    const found = ruled(rules, { needs: ['audio_input'] });
    expect(found.chosenBy).toBe('auto');
    expect(found.explanation.notes).toEqual([
      'The rule "gone" was skipped: openai/gpt-99 is not known.',
      'The rule "keyless" was skipped: groq/openai/gpt-oss-120b cannot be called: there is no key for groq.',
      'The rule "unable" was skipped: openai/gpt-6-sol is no model that takes audio.',
      'The rule "panelless" was skipped: there is no panel "nobody".',
      'The rule "empty" was skipped: none of groq/openai/gpt-oss-20b can serve the request.',
    ]);
  });

  it('yield to the request’s own preferences', () => {
    const rules = [ruleOf('rule_1', to('anthropic/claude-opus-5'))];
    const found = ruled(rules, { preferences: { ignore: ['anthropic'] } });
    expect(found.chosenBy).toBe('auto');
    expect(found.explanation.notes[0]).toContain('ruled out by `provider.ignore`');
  });

  it('that cannot be read are not passed over in silence', () => {
    const { explanation } = route(three, 'auto', {}, { read: false });
    expect(explanation.notes[0]).toMatch(/database could not be asked/);
  });
});

describe('a panel', () => {
  const review: Panel = {
    name: 'review',
    models: ['claude-opus-5', { model: 'openai/gpt-6-sol', stance: 'sceptical' }, 'groq/openai/gpt-oss-120b'],
    strategy: 'debate',
    mergeModel: null,
    rounds: 2,
    quorum: null,
    stragglerGraceMs: null,
  };

  it('is asked for by its name; its models that can be called are the targets', () => {
    const found = route(three, 'parallax/review', {}, { panels: [review] });
    expect(found.panel).toBe(review);
    expect(found.targets.map(({ id }) => id)).toEqual(['anthropic/claude-opus-5', 'openai/gpt-6-sol']);
    expect(found.chosenBy).toBe('explicit');
  });

  it('is there for every tenant under four names', () => {
    for (const name of ['consensus', 'best', 'synthesis', 'debate']) {
      const found = route(local, `parallax/${name}`);
      expect(found.panel?.name).toBe(name);
      expect(found.targets).toHaveLength(3);
    }
    expect(route(local, 'parallax/best').panel?.strategy).toBe('best_of');
  });

  it('may be where a rule leads', () => {
    const rules = [ruleOf('rule_1', { target: { panel: 'review' } })];
    const found = route(three, 'auto', {}, { rules, panels: [review] });
    expect(found).toMatchObject({ chosenBy: 'rule', ruleId: 'rule_1' });
    expect(found.panel?.name).toBe('review');
  });

  it('cannot keep provider preferences, and says so instead of letting them go', () => {
    const preferences = { data_collection: 'deny' } as const;
    expect(refusal(three, 'parallax/debate', { preferences })).toMatchObject({
      code: 'invalid_parameter',
      param: 'provider',
    });
    const found = route(
      three,
      'auto',
      { preferences },
      { rules: [ruleOf('rule_1', { target: { panel: 'debate' } })] },
    );
    expect(found.panel).toBeNull();
    expect(found.explanation.notes[0]).toContain('cannot keep the provider preferences');
  });

  it('that is not there is refused, with the tenant’s own', () => {
    const error = refusal(three, 'parallax/revue', {}, { panels: [review] });
    expect(error.code).toBe('model_not_found');
    expect(error.message).toContain('parallax/review');
    expect(
      refusal(local, 'parallax/review', {}, { panels: [{ ...review, models: ['claude-opus-5'] }] }).code,
    ).toBe('no_provider_key');
  });
});
