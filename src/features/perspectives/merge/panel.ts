import { cutFairly } from './cut.ts';
import { identityMask } from './mask-identity.ts';
import type { MergeAnswer } from './merge-input.ts';
import { seededOrder } from './seeded-order.ts';

/** An answer as the judge meets it: without its author's name, under a letter. */
export interface Panelist {
  readonly label: string;
  readonly answer: MergeAnswer;
  /** What the judge reads: masked, and cut when long. */
  readonly shown: string;
  readonly cut: boolean;
}

/** The answers of a merge under their labels, in the order in which they are shown. */
export interface Panel {
  readonly members: readonly Panelist[];
  readonly labels: readonly string[];
}

/** Letters that stand for answers. A question about options A to D must not be mistaken for one about the answers. */
const ALPHABETS: readonly (readonly string[])[] = [
  [...'ABCDEFGHIJKL'],
  [...'MNPQRSTUVWXY'],
  [...'ABCDEFGHIJKL'].map((letter) => letter + letter),
];

/**
 * Seats the answers: an order that the seed decides, letters that none of the texts uses for something else, names masked, long ones cut
 * to the common budget.
 */
export function seatPanel(
  answers: readonly MergeAnswer[],
  question: string,
  seed: string,
  budgetTokens: number,
): Panel {
  const seated = seededOrder(answers, seed);
  const mask = identityMask(answers, question);
  const shown = cutFairly(
    seated.map((answer) => mask(answer.content)),
    budgetTokens,
  );
  const alphabet = freeAlphabet([question, ...answers.map((answer) => answer.content)], answers.length);
  const members = seated.map((answer, position) => ({
    label: alphabet[position] ?? `X${position}`,
    answer,
    shown: shown[position]?.text ?? '',
    cut: shown[position]?.cut ?? false,
  }));
  return { members, labels: members.map((member) => member.label) };
}

/** The same seats and labels with other texts, as after a round of debate. */
export function withTexts(
  panel: Panel,
  texts: ReadonlyMap<number, string>,
  question: string,
  budgetTokens: number,
): Panel {
  const answers = panel.members.map((member) => ({
    ...member.answer,
    content: texts.get(member.answer.index) ?? member.answer.content,
  }));
  const mask = identityMask(answers, question);
  const shown = cutFairly(
    answers.map((answer) => mask(answer.content)),
    budgetTokens,
  );
  const members = panel.members.map((member, position) => ({
    label: member.label,
    answer: answers[position] ?? member.answer,
    shown: shown[position]?.text ?? '',
    cut: shown[position]?.cut ?? false,
  }));
  return { members, labels: panel.labels };
}

function freeAlphabet(texts: readonly string[], size: number): readonly string[] {
  const free = ALPHABETS.find((alphabet) => {
    const letters = alphabet.slice(0, size).join('|');
    const taken = new RegExp(
      String.raw`\b(?:[Aa]nswers?|[Oo]ptions?|[Cc]hoices?)\s+\(?(?:${letters})\b|\[(?:${letters})\]`,
    );
    return !texts.some((text) => taken.test(text));
  });
  return free ?? ALPHABETS.at(-1) ?? [];
}

/** The member that a model means by a label as it wrote it (`A`, `[a]`, `Answer A`); undefined when there is none. */
export function memberOf(panel: Panel, written: string): Panelist | undefined {
  const bare = written
    .trim()
    .replace(/^(?:answer|response|position)\s+/i, '')
    .replace(/[[\]()"'“”.:]/g, '')
    .trim()
    .toUpperCase();
  return panel.members.find((member) => member.label === bare);
}

/** How an answer is called in what people read: its model, and its place too where a model answered more than once. */
export function displayName(panel: Panel, member: Panelist): string {
  const { modelId, index } = member.answer;
  const same = panel.members.filter((other) => other.answer.modelId === modelId).length;
  return same > 1 ? `${modelId} (perspective ${index})` : modelId;
}
