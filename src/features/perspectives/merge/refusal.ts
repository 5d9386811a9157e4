import type { MergeAnswer } from './merge-input.ts';

/** A refusal is short; a long text that opens with an apology is an answer. */
const MAX_REFUSAL = 600;

const REFUSALS: readonly RegExp[] = [
  /^(?:i['’]?m sorry|i am sorry|sorry|i apologi[sz]e|unfortunately)\b.{0,60}?\b(?:i|we)(?:['’]m| am| are)? (?:can['’]?t|cannot|can not|am unable|unable|won['’]?t|not able|must decline)/is,
  /^i(?:['’]m| am)? (?:can['’]?t|cannot|can not|unable to|not able to|won['’]?t|must decline to|will not) (?:help|assist|answer|comply|provide|do|support|engage|fulfil|continue|discuss|respond|write|create|give)/is,
  /^as an (?:ai|assistant)\b.{0,80}?\b(?:can['’]?t|cannot|unable|not able|won['’]?t)\b/is,
  /^(?:this|your) request .{0,60}?\b(?:violates|is against|goes against)\b/is,
];

/**
 * Whether an answer says nothing to the question: empty, ended as a refusal, or a short text that only declines. Such an answer makes no
 * claims and is not merged as if it did. Wording is recognized in English; elsewhere the finish reason has to say it.
 */
export function saysNothing(answer: Pick<MergeAnswer, 'content' | 'finishReason'>): boolean {
  if (answer.finishReason === 'refusal') return true;
  const text = answer.content.replace(/[\s\p{Cf}]+/gu, ' ').trim();
  if (text === '') return true;
  return text.length <= MAX_REFUSAL && REFUSALS.some((refusal) => refusal.test(text));
}
