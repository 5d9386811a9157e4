import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TASKS, type Task } from '../../../contracts/routing.ts';
import { CALIBRATION_PROMPTS } from './calibration-prompts.fixture.ts';
import { certainTask, classifyTask } from './classify.ts';
import { HELD_OUT_PROMPTS } from './held-out-prompts.fixture.ts';
import { labelled, promptOf } from './prompts.fixture.ts';
import { HEAD_CHARACTERS, TAIL_CHARACTERS } from './scan.ts';
import { stem } from './stem.ts';
import { TRAINING_PROMPTS } from './training-prompts.fixture.ts';
import { WORD_GROUPS } from './words.ts';

const measured = labelled(HELD_OUT_PROMPTS).map(({ task, prompt }) => {
  const guess = classifyTask(prompt);
  return { task, right: guess.task === task, confidence: guess.confidence };
});
const shareRight = (of: readonly { readonly right: boolean }[]) =>
  of.filter(({ right }) => right).length / of.length;
const guess = (text: string, more = {}) => classifyTask(promptOf([text, more]));

describe('the task of a prompt that was not learned from', () => {
  it('is told right in nearly nine of ten', () => {
    expect(measured.length).toBeGreaterThan(200);
    expect(shareRight(measured)).toBeGreaterThan(0.86);
  });

  it.each(TASKS)('is told right for most of %s', (task) => {
    const own = measured.filter((one) => one.task === task);
    expect(own.length).toBeGreaterThanOrEqual(15);
    expect(shareRight(own)).toBeGreaterThan(0.7);
  });

  it('comes with a confidence that holds: surer guesses are right more often, and about as often as they say', () => {
    const between = (low: number, high: number) =>
      measured.filter(({ confidence }) => confidence >= low && confidence < high);
    const buckets = [between(0, 0.6), between(0.6, 0.8), between(0.8, 1.01)];
    const [low, middle, high] = buckets.map(shareRight);
    expect(low).toBeLessThan(middle ?? 0);
    expect(middle).toBeLessThan(high ?? 0);
    expect(high).toBeGreaterThan(0.92);
    const error = buckets.reduce((sum, bucket) => {
      const said = bucket.reduce((all, { confidence }) => all + confidence, 0);
      return sum + Math.abs(said - bucket.filter(({ right }) => right).length);
    }, 0);
    expect(error / measured.length).toBeLessThan(0.06);
  });

  it('is measured on prompts that stand in no other list', () => {
    const learned = new Set(
      [...labelled(TRAINING_PROMPTS), ...labelled(CALIBRATION_PROMPTS)].map(({ prompt }) =>
        JSON.stringify(prompt),
      ),
    );
    const both = labelled(HELD_OUT_PROMPTS).filter(({ prompt }) => learned.has(JSON.stringify(prompt)));
    expect(both).toEqual([]);
  });
});

describe('what is looked at', () => {
  it('is the begin and the end of a text, whatever stands between', () => {
    const head = 'Fasse den folgenden Text zusammen.\n'.padEnd(HEAD_CHARACTERS, 'wort ');
    const tail = 'Bitte in drei Sätzen.'.padStart(TAIL_CHARACTERS, ' ende');
    const small = guess(`${head}x${tail}`, { inputTokens: 9_000 });
    const large = guess(`${head}${'def f(x): return x * 2\n'.repeat(50_000)}${tail}`, { inputTokens: 9_000 });
    expect(large).toEqual(small);
    expect(small.task).toBe('summarization');
  });

  it('includes what the request holds besides its text', () => {
    expect(guess('What is this?').task).toBe('chat');
    expect(guess('What is this?', { hasImages: true }).task).toBe('vision');
    expect(guess('Is the light on?', { tools: 8, systemLength: 2_000 }).task).toBe('tool_use');
    expect(guess('Angry or calm? "Call me."', { wantsJson: true }).task).toBe('extraction');
  });
});

describe('a text that cannot be read', () => {
  it.each([
    '请把下面的文字翻译成英文:你好',
    'Объясни, почему небо голубое, простыми словами',
    'مرحبا كيف حالك',
    '今日の天気はどうですか',
  ])('is chat, with little confidence: %s', (text) => {
    const told = guess(text);
    expect(told.task).toBe('chat');
    expect(told.confidence).toBeLessThan(0.4);
  });

  it('is less sure in a language of the same script that it does not know', () => {
    const french = guess('Écris une lettre à mon propriétaire au sujet du chauffage en panne');
    const english = guess('Write a letter to my landlord about the broken heating');
    expect(english.confidence).toBeGreaterThan(0.9);
    expect(french.confidence).toBeLessThan(0.6);
  });

  it('still shows code, formulas, pictures and tools', () => {
    expect(guess('このコードの何が問題ですか?\n```python\ndef f(x):\n  return x +\n```').task).toBe('coding');
    expect(guess('这张图片里有什么?', { hasImages: true }).task).toBe('vision');
    expect(guess('订一张明天去上海的火车票', { tools: 6, systemLength: 2_000 }).task).toBe('tool_use');
  });
});

describe('a guess', () => {
  it('is a probability for each task, for any text at all', () => {
    const anyPrompt = fc.record({
      text: fc.oneof(fc.string({ unit: 'binary', maxLength: 3_000 }), fc.string({ unit: 'grapheme' })),
      systemLength: fc.nat(),
      inputTokens: fc.nat(),
      hasImages: fc.boolean(),
      hasAudio: fc.boolean(),
      hasFiles: fc.boolean(),
      tools: fc.nat(),
      wantsJson: fc.boolean(),
      turns: fc.nat(),
    });
    fc.assert(
      fc.property(anyPrompt, (prompt) => {
        const { task, confidence, scores } = classifyTask(prompt);
        const all = Object.values(scores);
        expect(all.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 9);
        expect(Math.max(...all)).toBe(confidence);
        expect(scores[task]).toBe(confidence);
        expect(all.every((one) => one >= 0)).toBe(true);
      }),
    );
  });

  it('can be replaced by what somebody knows', () => {
    const known: Task = 'math';
    expect(certainTask(known)).toMatchObject({ task: 'math', confidence: 1, scores: { math: 1, chat: 0 } });
  });
});

describe('the words', () => {
  it('belong to one group each, by their stem', () => {
    const groups = new Map<string, Set<string>>();
    for (const [group, words] of Object.entries(WORD_GROUPS)) {
      for (const word of words.split(' ')) {
        const root = word.split('_').map(stem).join('_');
        groups.set(root, (groups.get(root) ?? new Set()).add(group));
      }
    }
    expect([...groups].filter(([, of]) => of.size > 1).map(([root]) => root)).toEqual([]);
  });

  it('are found in their other forms', () => {
    expect(stem('summarizing')).toBe(stem('summarize'));
    expect(stem('übersetzung')).toBe(stem('übersetze'));
    expect(stem('fix')).toBe('fix');
  });
});
