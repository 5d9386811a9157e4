import { describe, expect, it } from 'vitest';
import type { PastCall } from './past-calls.ts';
import { catalogOf, learnedOf, ruleOf, stateOf } from './routing-fixture.ts';
import type { Rule } from './tenant-routing.ts';
import { tryRule } from './try-rule.ts';

const catalog = await catalogOf('openai', 'anthropic');
const state = stateOf(catalog, {
  learned: learnedOf({ 'openai/gpt-6-luna': { firstTokenMs: 200, msPerToken: 5 } }),
});
const call = (more: Partial<PastCall> = {}): PastCall => ({
  at: 1_000,
  feature: 'chat',
  model: 'anthropic/claude-opus-5',
  chosenBy: 'auto',
  task: 'coding',
  status: 'ok',
  inputTokens: 1_000,
  outputTokens: 400,
  priced: true,
  costNano: 15_000_000,
  latencyMs: 9_000,
  ...more,
});
const trial = (rule: Partial<Rule>, calls: readonly PastCall[]) =>
  tryRule(ruleOf('rule_1', { target: { model: 'gpt-6-luna' }, ...rule }), calls, state);

describe('a rule tried on past calls', () => {
  it('would have taken those that its conditions hold for', () => {
    const calls = [
      call(),
      call({ task: 'chat' }),
      call({ inputTokens: 99 }),
      call({ inputTokens: 5_001 }),
      call({ task: null }),
      call({ task: 'a task of tomorrow' }),
    ];
    const tried = trial(
      { conditions: { tasks: ['coding'], min_input_tokens: 100, max_input_tokens: 5_000 } },
      calls,
    );
    expect(tried.matched.map((one) => one.call)).toEqual([calls[0]]);
    expect(tried.withoutTask).toBe(2);
    expect(trial({}, calls)).toMatchObject({ withoutTask: 0, unchecked: [] });
    expect(trial({}, calls).matched).toHaveLength(6);
  });

  it('says what they would have cost and taken at the target, by each call’s own tokens', () => {
    const [tried] = trial({}, [call()]).matched;
    // 1,000 tokens at $0.10 and 400 at $0.50 a million.
    expect(tried).toMatchObject({
      wouldGoTo: ['openai/gpt-6-luna'],
      costNano: 15_000_000,
      estimatedCostNano: 300_000,
    });
    expect((tried?.estimatedLatencyMs ?? 0) / 2_200).toBeCloseTo(1, 1);
  });

  it('says which conditions past calls say nothing of', () => {
    const conditions = {
      tasks: ['coding'],
      min_confidence: 0.9,
      capabilities: ['vision'],
      model: 'support-*',
    } as const;
    expect(trial({ conditions: conditions as unknown as Rule['conditions'] }, [call()]).unchecked).toEqual([
      'min_confidence',
      'capabilities',
      'model',
    ]);
  });

  it('chooses for each call where the target is the best of several', () => {
    const tried = trial({ target: { auto: ['claude-opus-5', 'gpt-6-luna'] } }, [
      call({ task: 'reasoning' }),
      call({ task: 'summarization' }),
    ]);
    expect(tried.matched.map(({ wouldGoTo }) => wouldGoTo)).toEqual([
      ['anthropic/claude-opus-5'],
      ['openai/gpt-6-luna'],
    ]);
  });

  it('adds up the models of a panel, and says that the merge is not in it', () => {
    const tried = tryRule(ruleOf('rule_1', { target: { panel: 'consensus' } }), [call()], state);
    expect(tried.matched[0]?.wouldGoTo).toHaveLength(3);
    expect(tried.notes.join(' ')).toContain('merge');
  });

  it('matches nothing where the target cannot be called, and says so', () => {
    const tried = trial({ target: { model: 'groq/openai/gpt-oss-120b' } }, [call()]);
    expect(tried.matched).toEqual([]);
    expect(tried.notes[0]).toContain('cannot be called');
  });

  it('takes no unknown price for nothing', () => {
    const [tried] = trial({}, [call({ priced: false, costNano: 0 })]).matched;
    expect(tried?.costNano).toBeNull();
  });
});
