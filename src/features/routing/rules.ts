import type { Demand } from './ability.ts';
import { fits } from './glob.ts';
import type { TaskGuess } from './task/classify.ts';
import type { Rule } from './tenant-routing.ts';

/** A request as rules look at it. */
export interface RuleSubject extends Demand {
  /** The name that was asked for. */
  readonly model: string;
  /** Told when a rule asks for it: most requests meet no such rule. */
  readonly task: () => TaskGuess;
}

/** Whether a rule holds for a request. A rule that names no model holds for `auto`. */
export function holds({ conditions }: Rule, subject: RuleSubject): boolean {
  const {
    tasks,
    min_confidence: minConfidence = 0,
    min_input_tokens: minTokens = 0,
    max_input_tokens: maxTokens = Number.POSITIVE_INFINITY,
    capabilities = [],
    model = 'auto',
  } = conditions;
  // What costs least to know is looked at first; the task, which has to be told from the text, last.
  if (subject.inputTokens < minTokens || subject.inputTokens > maxTokens) return false;
  if (!capabilities.every((capability) => subject.needs.includes(capability))) return false;
  if (!fits(model, subject.model)) return false;
  if (tasks === undefined) return true;
  const { task, confidence } = subject.task();
  return tasks.includes(task) && confidence >= minConfidence;
}

/** Rules that are switched on, in the order in which they are looked at: the lowest priority, then the oldest (ids sort by time). */
export function inOrder(rules: readonly Rule[]): Rule[] {
  return rules
    .filter(({ enabled }) => enabled)
    .sort((a, b) => a.priority - b.priority || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}
