import { describe, expect, it } from 'vitest';
import { HIDDEN_NAME, identityMask } from './mask-identity.ts';

const RUN = [
  { modelId: 'anthropic/claude-opus-5' },
  { modelId: 'openai/gpt-5.2' },
  { modelId: 'local/swift' },
];

describe('masking who wrote an answer', () => {
  const mask = identityMask(RUN, 'How do tides work?');

  it.each([
    ['As Claude, I think the moon pulls.', `As ${HIDDEN_NAME}, I think the moon pulls.`],
    ['I’m ChatGPT, a model by OpenAI.', `I’m ${HIDDEN_NAME}, a model by ${HIDDEN_NAME}.`],
    ['I am GPT-5.2 mini. The moon pulls.', `I am ${HIDDEN_NAME}. The moon pulls.`],
    ['Claude Opus 5 would say the moon pulls.', `${HIDDEN_NAME} would say the moon pulls.`],
    [
      'This text comes from “local/swift”, a local stand-in.',
      `This text comes from “${HIDDEN_NAME}”, a local stand-in.`,
    ],
    ['I was trained by Google.', `I was trained by ${HIDDEN_NAME}.`],
  ])('hides it in %j', (said, shown) => {
    expect(mask(said)).toBe(shown);
  });

  it('leaves ordinary words alone that happen to be names', () => {
    const text = 'A swift current; Google Maps shows it, and Meta has an office there.';
    expect(mask(text)).toBe(text);
  });

  it('leaves a name that the question is about, except where the author says it is its own', () => {
    const about = identityMask(RUN, 'Is Claude or GPT better at tides?');
    expect(about('Claude is better at tides.')).toBe('Claude is better at tides.');
    expect(about('As Claude, I would say so.')).toBe(`As ${HIDDEN_NAME}, I would say so.`);
  });

  it('keeps everything else, to the last space', () => {
    const text = 'One.  Two!\n\n- three\n- four?  \nFünf。六。';
    expect(mask(text)).toBe(text);
  });
});
