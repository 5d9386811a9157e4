import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatherEvidence } from '../reading/evidence.ts';
import type { LocalModels } from '../server.ts';
import { quickModels, say } from '../wire-client.ts';

let models: LocalModels;
beforeAll(async () => {
  models = await quickModels();
});
afterAll(() => models.close());

const VOICES = ['swift', 'sage', 'scribe'];
const QUESTIONS = [
  'Should we cache database queries in Redis or use SQLite?',
  'Is a four-day week good for a small team?',
  'What is the best way to learn Japanese?',
  'How can I sleep better?',
  'Explain the tides.',
  'hi',
];
const words = (text: string) => text.split(/\s+/).filter((word) => word !== '').length;
const all = (question: string) => Promise.all(VOICES.map((voice) => say(models.url, voice, question)));

describe('the three voices', () => {
  it.each(QUESTIONS)('share a claim and differ in one each: %s', async (question) => {
    const answers = (await all(question)).map((text, index) => ({
      label: VOICES[index] ?? '',
      text,
      kind: 'answer' as const,
    }));
    const { agreements, disagreements } = gatherEvidence(question, answers, []);
    expect(agreements.some((claim) => claim.holders.length === 3)).toBe(true);
    expect(new Set(disagreements.flatMap((claim) => claim.holders.map((holder) => holder.label)))).toEqual(
      new Set(VOICES),
    );
  });

  it('agree by two against one on a further claim, so that a debate has somebody to move', async () => {
    const question = QUESTIONS[0] ?? '';
    const answers = (await all(question)).map((text, index) => ({
      label: VOICES[index] ?? '',
      text,
      kind: 'answer' as const,
    }));
    expect(gatherEvidence(question, answers, []).agreements.some((claim) => claim.holders.length === 2)).toBe(
      true,
    );
  });

  it('answer in 40 to 130 words, and say that they are stand-ins', async () => {
    for (const question of QUESTIONS) {
      for (const text of await all(question)) {
        expect(words(text)).toBeGreaterThanOrEqual(40);
        expect(words(text)).toBeLessThanOrEqual(130);
        expect(text).toMatch(/local stand-in, and not from a trained model/);
      }
    }
  });

  it('say other things to other questions', async () => {
    const answers = await Promise.all(QUESTIONS.map((question) => say(models.url, 'sage', question)));
    expect(new Set(answers.map((answer) => answer.slice(0, 60))).size).toBe(QUESTIONS.length);
  });
});

describe('prose', () => {
  it.each([12, 25, 60, 300, 20_000])('has about %i words when asked for them', async (wanted) => {
    const text = await say(
      models.url,
      'swift',
      `Tell me about caches in ${wanted.toLocaleString('en-US')} words.`,
    );
    expect(Math.abs(words(text) - wanted)).toBeLessThanOrEqual(2);
    expect(text).toMatch(/stand-in/);
  });

  it('shows a persona, a stance and any other instruction', async () => {
    const system = (content: string) => ({
      messages: [
        { role: 'system', content },
        { role: 'user', content: 'Should we eat more vegetables?' },
      ],
    });
    expect(await say(models.url, 'swift', '', system('You are a patient gardener.'))).toMatch(
      /^Speaking as a patient gardener:/,
    );
    const against = await say(models.url, 'swift', '', system('Argue against the idea.'));
    expect(against).toMatch(/^Arguing against:/);
    expect(against).not.toContain(await say(models.url, 'swift', 'Should we eat more vegetables?'));
    expect(await say(models.url, 'swift', '', system('Answer in German.'))).toMatch(
      /^As instructed \(“Answer in German”\):/,
    );
    const fenced = system(
      'Answer from the point of view in the data below.\n<data label="stance">against, as an accountant</data>',
    );
    expect(await say(models.url, 'swift', '', fenced)).toMatch(
      /^Arguing against: Taking the view “against, as an accountant”:/,
    );
  });

  it('depends on the turns before', async () => {
    const text = await say(models.url, 'sage', '', {
      messages: [
        { role: 'user', content: 'Is tea good?' },
        { role: 'assistant', content: 'Green tea keeps people awake at night.' },
        { role: 'user', content: 'And coffee?' },
      ],
    });
    expect(text).toContain('before it you asked about “tea good”');
    expect(text).toContain('“Green tea keeps people awake at night”');
  });

  it('quotes the sentence of an injected context that fits the question', async () => {
    const text = await say(
      models.url,
      'scribe',
      '<data label="memory">They like tea. The user runs SQLite on a Raspberry Pi.</data>\nWhich database should I use with SQLite?',
    );
    expect(text).toContain('From memory: “The user runs SQLite on a Raspberry Pi” [1].');
  });
});

describe('a debate', () => {
  const others =
    '<data label="answer B">Tea calms most people. Coffee wakes them up faster.</data><data label="answer C">Tea calms most people. Water is better than both drinks.</data>';
  const round = (own: string) =>
    say(
      models.url,
      'swift',
      `Debate, round 2. Revise your position or keep it. <data label="question">Tea or coffee?</data><data label="your answer">${own}</data>${others}`,
    );

  it('takes up a point of each of the others by label', async () => {
    const text = await round('Tea calms most people. Cocoa tastes best of all.');
    expect(text).toContain('answer B says: “Coffee wakes them up faster”.');
    expect(text).toContain('answer C says: “Water is better than both drinks”.');
  });

  it('keeps its position when it already holds what the others agree on, and changes it when it does not', async () => {
    expect(await round('Tea calms most people. Cocoa tastes best of all.')).toContain(
      'I keep my position: Cocoa tastes best of all.',
    );
    expect(await round('Cocoa tastes best of all.')).toContain(
      'I change my position, because answer B and answer C agree: Tea calms most people.',
    );
  });

  it('names the others in brackets and closes with the line that the prompt asks for', async () => {
    const wish =
      'Revise. Name the others by their letters in square brackets, like [B]. Close with a line that reads “Position: kept” or “Position: changed”.';
    const turn = (own: string) =>
      say(
        models.url,
        'sage',
        `<data label="question">Tea or coffee?</data><data label="your own answer">${own}</data>${others}${wish}`,
      );
    const kept = await turn('Tea calms most people.');
    expect(kept).toContain('[B] says: “Coffee wakes them up faster”.');
    expect(kept).toMatch(/\nPosition: kept$/);
    expect(await turn('Cocoa tastes best of all.')).toMatch(
      /\[B\] and \[C\] agree: Tea calms most people\.[\s\S]*\nPosition: changed$/,
    );
  });

  it('comes to rest: who changed in one round has taken the point over, and keeps it in the next', async () => {
    const changed = await round('Cocoa tastes best of all.');
    const again = await round(changed);
    expect(again).toContain('I keep my position: Cocoa tastes best of all.');
  });

  it('takes its earlier turn as its own position', async () => {
    const text = await say(models.url, 'sage', '', {
      messages: [
        { role: 'user', content: 'Tea or coffee?' },
        { role: 'assistant', content: 'Cocoa tastes best of all.' },
        { role: 'user', content: `Here are the other answers; revise. ${others}` },
      ],
    });
    expect(text).toContain('I change my position');
  });

  it('joins answers when it is asked for a synthesis, and follows up on earlier ones', async () => {
    const joined = await say(
      models.url,
      'swift',
      `Synthesize. <data label="question">Tea or coffee?</data>${others}`,
    );
    expect(joined).toContain('They agree on this: Tea calms most people.');
    expect(joined).toContain('answer C alone adds: Water is better than both drinks.');
    const earlier = await say(
      models.url,
      'swift',
      `Others said: <data label="earlier answer of local/sage">Tea calms most people.</data>\n\nAnd what about sleep?`,
    );
    expect(earlier).toContain('The earlier answer of local/sage held that “Tea calms most people”.');
    expect(earlier).toContain('On “And what about sleep”');
  });
});
