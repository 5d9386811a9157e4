import { describe, expect, it } from 'vitest';
import { type ResolveRequest, resolvedRouteSchema, resolveRequestSchema } from '../../contracts/routing.ts';
import { NOTHING_LEARNED } from './figures.ts';
import { resolve, routeRequestOf } from './resolve.ts';
import { createRouterWith } from './router.ts';
import { catalogOf, PRINCIPAL, ruleOf } from './routing-fixture.ts';
import { NOTHING_SET, type TenantRouting } from './tenant-routing.ts';

const catalog = await catalogOf('openai', 'anthropic', 'google');
const resolved = async (body: object, tenant: Partial<TenantRouting> = {}) => {
  const router = createRouterWith({
    catalog: async () => catalog,
    learned: async () => NOTHING_LEARNED,
    tenant: async () => ({ ...NOTHING_SET, ...tenant }),
    random: () => 0,
  });
  return resolvedRouteSchema.parse(await resolve(router, PRINCIPAL, resolveRequestSchema.parse(body)));
};
const asked = (body: object) => routeRequestOf(resolveRequestSchema.parse(body) as ResolveRequest);

describe('what is read from a body', () => {
  it('is the last thing the person wrote, the system text’s length, turns and tokens', () => {
    const request = asked({
      system: 'Be brief.',
      messages: [
        { role: 'system', content: 'You help.' },
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content: 'Hi!' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Translate this' },
            { type: 'text', text: 'to German: yes' },
          ],
        },
        { role: 'assistant', content: null, tool_calls: [] },
      ],
    });
    expect(request).toMatchObject({
      model: 'auto',
      models: [],
      needs: [],
      maxOutputTokens: null,
      preferences: null,
    });
    expect(request.features).toMatchObject({
      text: 'Translate this\nto German: yes',
      systemLength: 18,
      turns: 4,
    });
    expect(request.inputTokens).toBeGreaterThan(10);
    expect(request.inputTokens).toBeLessThan(30);
  });

  it('is what a request shows that it needs, in the words of either format', () => {
    expect(asked({ prompt: 'x', tools: [{}, {}], response_format: { type: 'json_schema' } })).toMatchObject({
      needs: ['tools', 'structured_output'],
      features: { tools: 2, wantsJson: true },
    });
    expect(asked({ prompt: 'x', response_format: { type: 'json_object' } }).needs).toEqual([]);
    const media = (type: string) => asked({ messages: [{ role: 'user', content: [{ type }] }] }).needs;
    expect(['image_url', 'input_image', 'image'].map(media)).toEqual([['vision'], ['vision'], ['vision']]);
    expect([media('input_audio'), media('document'), media('file')]).toEqual([
      ['audio_input'],
      ['files'],
      ['files'],
    ]);
    expect(asked({ prompt: 'x', needs: ['reasoning'], capabilities: ['vision'], tools: 0 }).needs).toEqual([
      'reasoning',
      'vision',
    ]);
  });

  it('yields to what the body says itself', () => {
    expect(asked({ prompt: 'x', input_tokens: 90_000, max_tokens: 5 })).toMatchObject({
      inputTokens: 90_000,
      maxOutputTokens: 5,
    });
    expect(asked({ models: ['a', 'b'] })).toMatchObject({ model: 'a', models: ['b'] });
  });

  it('takes the body of a chat request as it is', () => {
    const body = {
      model: 'auto',
      messages: [{ role: 'user', content: 'hi', name: 'x' }],
      temperature: 1,
      stream: true,
    };
    expect(() => resolveRequestSchema.parse(body)).not.toThrow();
  });
});

describe('a resolved route', () => {
  it('of auto has all that the choice was made by', async () => {
    const route = await resolved({
      prompt: 'Write a Python function that checks whether a string is a palindrome.',
    });
    expect(route).toMatchObject({
      chosen_by: 'auto',
      rule: null,
      panel: null,
      exploration: false,
      exploration_share: 0.02,
    });
    expect(route.task?.name).toBe('coding');
    expect(route.task?.scores[0]).toMatchObject({ task: 'coding', probability: route.task?.confidence });
    expect(route.model.startsWith(`${route.provider}/`)).toBe(true);
    expect(route.estimate?.cost_usd).toBeGreaterThan(0);
    expect(route.fallbacks).toHaveLength(3);
    expect(route.runners_up).toHaveLength(5);
    const { cost, latency, quality, reliability } = route.components ?? {
      cost: 0,
      latency: 0,
      quality: 0,
      reliability: 0,
    };
    expect(0.25 * cost + 0.25 * latency + 0.35 * quality + 0.15 * reliability).toBeCloseTo(
      route.score ?? 0,
      2,
    );
  });

  it('of a named model has its estimate, and no task', async () => {
    const route = await resolved({ model: 'claude-opus-5', prompt: 'x'.repeat(4_000), max_tokens: 100 });
    expect(route).toMatchObject({
      model: 'anthropic/claude-opus-5',
      chosen_by: 'explicit',
      task: null,
      score: null,
      confidence: 1,
      runners_up: [],
      estimate: { input_tokens: 1_000, output_tokens: 100, cost_usd: 0.0075 },
    });
  });

  it('by a rule names it', async () => {
    const rules = [ruleOf('rule_1', { name: 'House model', target: { model: 'gpt-6-sol' } })];
    expect(await resolved({ prompt: 'hi' }, { rules })).toMatchObject({
      model: 'openai/gpt-6-sol',
      chosen_by: 'rule',
      rule: { id: 'rule_1', name: 'House model' },
    });
  });

  it('of a panel shows its models', async () => {
    expect(await resolved({ model: 'parallax/synthesis' })).toMatchObject({
      model: 'parallax/synthesis',
      provider: 'parallax',
      fallbacks: [],
      estimate: null,
      panel: { name: 'synthesis', strategy: 'synthesize' },
    });
  });

  it('never explores, however much the tenant allows', async () => {
    const route = await resolved({ prompt: 'What is the capital of Australia?' }, { exploration: 0.2 });
    expect(route).toMatchObject({ exploration: false, exploration_share: 0.2 });
    expect(route.reason).toContain('scores best');
  });
});
