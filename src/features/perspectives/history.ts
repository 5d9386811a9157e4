import { cutFairly } from './merge/cut.ts';
import type { Turn } from './plan.ts';

/** Most earlier turns that a follow-up carries on. */
export const MAX_HISTORY_TURNS = 5;
/** Estimated tokens of all that a follow-up carries on: room beside a question in every model that is fit for one. */
export const HISTORY_BUDGET_TOKENS = 32_000;

/**
 * The last turns of a chain within the budget: every question, answer and conclusion keeps an equal share at least, what short ones leave
 * goes to the long, and a text that is cut keeps its beginning and its end with a mark between.
 */
export function carryHistory(history: readonly Turn[]): Turn[] {
  const turns = history.slice(-MAX_HISTORY_TURNS);
  const texts = turns.flatMap((turn) => [
    turn.prompt,
    ...turn.answers.map(({ content }) => content),
    turn.conclusion ?? '',
  ]);
  const cut = cutFairly(texts, HISTORY_BUDGET_TOKENS).map(({ text }) => text);
  const next = () => cut.shift() ?? '';
  return turns.map((turn) => {
    const prompt = next();
    const answers = turn.answers.map(({ modelId }) => ({ modelId, content: next() }));
    const conclusion = next();
    return { prompt, answers, conclusion: turn.conclusion === null ? null : conclusion };
  });
}
