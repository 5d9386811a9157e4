import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { learn, WEIGHTS_FILE } from './train-tasks.ts';

describe('the weights of the task classifier', () => {
  it('are what training gives from the committed prompts', () => {
    const { text, accuracy } = learn();
    expect(text).toBe(readFileSync(WEIGHTS_FILE, 'utf8'));
    expect(accuracy).toBeGreaterThan(0.85);
  });
});
