import { ANSWERS_BUDGET_TOKENS } from './cut.ts';
import type { MergeAnswer, MergeDeps, MergeInput } from './merge-input.ts';
import { type Panel, seatPanel } from './panel.ts';
import type { Question } from './prompts.ts';
import { createProse, type Prose } from './prose.ts';

/** What every strategy works with: the input, the answers that take part under their labels, and where text and notes go. */
export interface Merging {
  readonly input: MergeInput;
  readonly deps: MergeDeps;
  readonly question: Question;
  readonly panel: Panel;
  readonly prose: Prose;
  readonly notes: string[];
}

/** Seats the answers that say something. `silent` ones are named in the notes. */
export function beginMerging(
  input: MergeInput,
  deps: MergeDeps,
  speaking: readonly MergeAnswer[],
  silent: readonly MergeAnswer[],
): Merging {
  const panel = seatPanel(speaking, input.prompt, input.seed, ANSWERS_BUDGET_TOKENS);
  const notes: string[] = [];
  if (silent.length > 0) {
    notes.push(`${namesOf(silent)} declined or said nothing and took no part.`);
  }
  const cut = panel.members.filter((member) => member.cut).map((member) => member.answer);
  if (cut.length > 0)
    notes.push(`The answers were long: the middle of ${namesOf(cut)} was left out in the judging.`);
  return {
    input,
    deps,
    question: {
      prompt: input.prompt,
      system: input.system ?? null,
      ...(input.context === undefined ? {} : { context: input.context }),
    },
    panel,
    prose: createProse(panel, (text) => deps.onDelta?.(text)),
    notes,
  };
}

function namesOf(answers: readonly MergeAnswer[]): string {
  return [...answers]
    .sort((a, b) => a.index - b.index)
    .map((answer) => answer.modelId)
    .join(', ');
}
