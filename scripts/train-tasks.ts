import { writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TASKS } from '../src/contracts/routing.ts';
import { CALIBRATION_PROMPTS } from '../src/features/routing/task/calibration-prompts.fixture.ts';
import { classifyTask, type Weights } from '../src/features/routing/task/classify.ts';
import { FEATURE_NAMES } from '../src/features/routing/task/features.ts';
import { labelled } from '../src/features/routing/task/prompts.fixture.ts';
import { type LabelledPrompt, type TrainingOptions, train } from '../src/features/routing/task/train.ts';
import { TRAINING_PROMPTS } from '../src/features/routing/task/training-prompts.fixture.ts';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
export const WEIGHTS_FILE = join(ROOT, 'src/features/routing/task/weights.generated.json');

const OPTIONS: TrainingOptions = { ridge: 0.5, iterations: 400 };
const TEMPERATURES = Array.from({ length: 31 }, (_, i) => 0.5 + i * 0.05);
/** The words were chosen by someone who had read the calibration prompts, so these look a little easier than strangers' prompts are. */
const MARGIN = 1.25;

interface Learned {
  /** What is committed. */
  readonly text: string;
  /** On the calibration prompts, learned without them: the share that is right, and the mean loss in nats. */
  readonly accuracy: number;
  readonly loss: number;
}

/**
 * Learns the weights. The temperature is the one under which the calibration prompts are likeliest when only the training prompts were learned
 * from, with a margin; the weights are then learned from both. Weights have two decimals, and features that say nothing are left out.
 */
export function learn(): Learned {
  const training = labelled(TRAINING_PROMPTS);
  const calibration = labelled(CALIBRATION_PROMPTS);
  const before = train(training, OPTIONS);
  const measured = TEMPERATURES.map((temperature) => measure(calibration, { ...before, temperature }));
  const best = measured.reduce((least, one) => (one.loss < least.loss ? one : least));
  const weights = train([...training, ...calibration], OPTIONS);
  return { ...best, text: fileText({ ...weights, temperature: best.temperature * MARGIN }) };
}

function measure(prompts: readonly LabelledPrompt[], weights: Weights) {
  let loss = 0;
  let right = 0;
  for (const { task, prompt } of prompts) {
    const guess = classifyTask(prompt, weights);
    loss -= Math.log(guess.scores[task]);
    if (guess.task === task) right += 1;
  }
  return { temperature: weights.temperature, loss: loss / prompts.length, accuracy: right / prompts.length };
}

function fileText(weights: Weights): string {
  const lines = FEATURE_NAMES.flatMap((name, index) => {
    const row = rounded(weights.features[index] ?? []);
    return row.every((weight) => weight === 0) ? [] : [`    "${name}": "${row.join(' ')}"`];
  });
  return [
    '{',
    `  "tasks": "${TASKS.join(' ')}",`,
    `  "temperature": ${Math.round(weights.temperature * 100) / 100},`,
    `  "bias": "${rounded(weights.bias).join(' ')}",`,
    '  "features": {',
    lines.join(',\n'),
    '  }',
    '}\n',
  ].join('\n');
}

/** Two decimals; `+ 0` makes a plain zero of a negative one. */
function rounded(row: readonly number[]): number[] {
  return row.map((weight) => Math.round(weight * 100) / 100 + 0);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { text, accuracy, loss } = learn();
  await writeFile(WEIGHTS_FILE, text);
  console.log(
    `${relative(ROOT, WEIGHTS_FILE)} written; calibration prompts before they were learned from: ${(100 * accuracy).toFixed(1)} % right, ${loss.toFixed(3)} nats`,
  );
}
