import { estimateTokens } from '../../../platform/tokens.ts';

/** Estimated tokens that all answers together may take in one prompt. Fits, with the rest, every model that is fit to judge. */
export const ANSWERS_BUDGET_TOKENS = 32_000;
/** Estimated tokens of the question in a prompt. */
export const QUESTION_BUDGET_TOKENS = 8_000;
/** Estimated tokens of the run's system text, or of one stance, in a prompt. */
export const SYSTEM_BUDGET_TOKENS = 2_000;

/** The share of what is kept that comes from the beginning; answers open with their position and close with their conclusion. */
const HEAD_SHARE = 2 / 3;
/** Characters that a cut may move to end at a space. */
const SPACE_REACH = 40;
const MARK_TOKENS = 16;

export interface CutText {
  readonly text: string;
  readonly cut: boolean;
}

/**
 * Cuts texts to a common budget of estimated tokens, fairly: none is cut below an equal share, and what short ones leave goes to the long.
 * A text that is cut keeps its beginning and its end, with a mark that says how many characters are missing between.
 */
export function cutFairly(texts: readonly string[], budgetTokens: number): CutText[] {
  const sizes = texts.map(estimateTokens);
  const allowed = fairShares(sizes, budgetTokens);
  return texts.map((text, index) => cutTo(text, allowed[index] ?? 0, sizes[index] ?? 0));
}

/** Cuts one text to a budget of estimated tokens. */
export function cutText(text: string, budgetTokens: number): CutText {
  return cutTo(text, budgetTokens, estimateTokens(text));
}

/** Max-min fair shares: the smallest demands are met first, what remains is divided among the rest. */
export function fairShares(demands: readonly number[], budget: number): number[] {
  const shares = new Array<number>(demands.length).fill(0);
  const order = demands.map((_, index) => index).sort((a, b) => (demands[a] ?? 0) - (demands[b] ?? 0));
  let left = budget;
  order.forEach((index, position) => {
    const share = Math.min(demands[index] ?? 0, Math.floor(left / (order.length - position)));
    shares[index] = share;
    left -= share;
  });
  return shares;
}

function cutTo(text: string, budget: number, size: number): CutText {
  if (size <= budget) return { text, cut: false };
  let keep = Math.floor((text.length * Math.max(0, budget - MARK_TOKENS)) / size);
  for (;;) {
    const shortened = withGap(text, keep);
    // The estimate is not even over a text of mixed scripts, so the first guess may be too long.
    if (keep === 0 || estimateTokens(shortened) <= budget) return { text: shortened, cut: true };
    keep = Math.floor(keep * 0.9);
  }
}

function withGap(text: string, keep: number): string {
  const head = headEnd(text, Math.floor(keep * HEAD_SHARE));
  const tail = tailStart(text, text.length - Math.floor(keep * (1 - HEAD_SHARE)));
  return `${text.slice(0, head)}\n[… ${tail - head} characters left out here …]\n${text.slice(tail)}`;
}

function headEnd(text: string, at: number): number {
  for (let end = at; end > Math.max(0, at - SPACE_REACH); end--) if (/\s/.test(text.charAt(end))) return end;
  return isInsidePair(text, at) ? at - 1 : at;
}

function tailStart(text: string, at: number): number {
  for (let start = at; start < Math.min(text.length, at + SPACE_REACH); start++)
    if (/\s/.test(text.charAt(start))) return start + 1;
  return isInsidePair(text, at) ? at + 1 : at;
}

/** Whether a cut here would part a surrogate pair. */
function isInsidePair(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  const after = text.charCodeAt(at);
  return before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff;
}
