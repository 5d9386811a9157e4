import { lexicalAgreement } from './lexical.ts';

/** From this agreement of its words on, a position that does not say whether it changed counts as kept. */
export const STEADY_AGREEMENT = 0.9;

const CLOSING_LINE = /^[\s>*_#`“"–—-]{0,12}position\s{0,4}[:：][\s*_`]{0,8}(kept|changed)[\s.*_`!”"]{0,12}$/i;

export interface DebatePosition {
  readonly content: string;
  readonly changed: boolean;
}

/**
 * Reads a turn of a debate. Its closing line says whether the position changed, and is not part of it; without one the words decide, which see
 * no negation and are therefore asked only then. Null when there is no text.
 */
export function readPosition(text: string, before: string): DebatePosition | null {
  const whole = text.trim();
  const lastLine = whole.lastIndexOf('\n') + 1;
  const said = CLOSING_LINE.exec(whole.slice(lastLine));
  const content = said === null ? whole : whole.slice(0, lastLine).trim();
  if (content === '') return null;
  const changed =
    said === null
      ? lexicalAgreement(before, content) < STEADY_AGREEMENT
      : said[1]?.toLowerCase() === 'changed';
  return { content, changed };
}
