import type { Task } from '../../contracts/routing.ts';
import { NANO_PER_USD } from '../../platform/money.ts';
import type { Scored } from './score.ts';
import type { TaskGuess } from './task/classify.ts';

/** How a task stands in "a … prompt". */
const TASK_WORDS: Readonly<Record<Task, string>> = {
  chat: 'conversation',
  coding: 'programming',
  reasoning: 'reasoning',
  math: 'mathematics',
  writing: 'writing',
  summarization: 'summarizing',
  extraction: 'extraction',
  translation: 'translation',
  vision: 'picture',
  tool_use: 'tool-using',
};

/** "gemini-… scores best of 40 models for a programming prompt (84 % sure): …" */
export function whyBest(best: Scored, candidates: number, guess: TaskGuess): string {
  const among =
    candidates === 1 ? 'is the only model that can serve' : `scores best of ${candidates} models for`;
  return `${best.model.id} ${among} a ${promptWords(guess)}: ${figuresText(best)}.`;
}

export function whyTried(tried: Scored, best: Scored, guess: TaskGuess): string {
  return (
    `${tried.model.id} is tried in the place of ${best.model.id} for a ${promptWords(guess)}: it is nearly as good by what is known ` +
    `(${tried.score.toFixed(2)} against ${best.score.toFixed(2)}), and little is known of it lately.`
  );
}

function promptWords({ task, confidence }: TaskGuess): string {
  return `${TASK_WORDS[task]} prompt (${Math.round(confidence * 100)} % sure)`;
}

/** "quality 0.87, about $0.0112 and 17.5 s a call" */
function figuresText({ quality, estimate }: Scored): string {
  const cost =
    estimate.costNano === null ? 'price unknown' : `about ${usdText(estimate.costNano / NANO_PER_USD)}`;
  return `quality ${quality.toFixed(2)}, ${cost} and ${secondsText(estimate.latencyMs)} a call`;
}

/** A sum of dollars in three significant digits, never as a power of ten. */
export function usdText(usd: number): string {
  if (usd === 0) return '$0';
  const digits = Math.min(9, Math.max(2, 2 - Math.floor(Math.log10(usd))));
  return `$${usd.toFixed(digits).replace(/(\.\d\d\d*?)0+$/, '$1')}`;
}

function secondsText(milliseconds: number): string {
  return milliseconds < 1_000 ? `${milliseconds} ms` : `${(milliseconds / 1_000).toFixed(1)} s`;
}

/** "a", "a or b", "a, b or c". */
export function eitherOf(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
