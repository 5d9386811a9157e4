import { displayName, type Panel } from './panel.ts';

/**
 * Turns the labels in a model's prose back into names: `[A]`, `[A, C]`, `answer A`, `answers A, B and C`. Other letters stay what they are.
 */
export function relabel(panel: Panel, text: string): string {
  const rewriter = createRelabeller(panel);
  return rewriter.push(text) + rewriter.end();
}

/** The same over a text that comes in pieces: what cannot be decided yet is held back. */
export interface Relabeller {
  push(piece: string): string;
  end(): string;
}

const WORD_BEFORE = String.raw`(?<![\p{L}\p{N}_])`;
/** What may still become a reference: an open bracket, the word itself with a list that may go on, a word not yet whole. */
const OPEN_BRACKET = /\[[^[\]\n]{0,120}$/;
const OPEN_LIST = new RegExp(
  String.raw`${WORD_BEFORE}answers?(?:[\s,&]{1,4}(?:and|or|[A-Za-z]{1,2})(?![A-Za-z]))*[\s,&]{0,4}[A-Za-z]{0,3}$`,
  'iu',
);
const OPEN_WORD = new RegExp(`${WORD_BEFORE}a(?:n(?:s(?:w(?:er?)?)?)?)?$`, 'iu');

/** Makes a rewriter for one text. Joined, its pieces are the same however the text was split. */
export function createRelabeller(panel: Panel): Relabeller {
  const names = new Map(panel.members.map((member) => [member.label, displayName(panel, member)]));
  const label = `(?:${[...names.keys()].sort((a, b) => b.length - a.length).join('|')})`;
  const list = String.raw`${label}(?:(?:\s?,\s(?:and\s|or\s)?|\s(?:and|or|&)\s)${label}){0,11}`;
  const reference = new RegExp(
    String.raw`\[(?:[Aa]nswers?\s)?(${list})\]|${WORD_BEFORE}[Aa]nswers?\s(${list})(?![\p{L}\p{N}_])`,
    'gu',
  );
  const single = new RegExp(label, 'g');
  let held = '';
  // Stands for the last character that went out: enough to know whether a word begins at the start of what is held.
  let before = ' ';
  const release = (border: number): string => {
    const ready = held.slice(0, border);
    if (ready === '') return '';
    const rewritten = (before + ready).replace(
      reference,
      (_whole, bracketed: string | undefined, named: string | undefined) =>
        (bracketed ?? named ?? '').replace(single, (found) => names.get(found) ?? found),
    );
    held = held.slice(border);
    before = /[\p{L}\p{N}_]$/u.test(ready) ? 'x' : ' ';
    return rewritten.slice(1);
  };
  return {
    push(piece) {
      held += piece;
      return release(openAt(held, before));
    },
    end: () => release(held.length),
  };
}

/** From where on a text could still turn into a reference when more comes. */
function openAt(text: string, before: string): number {
  const inContext = before + text;
  const starts = [OPEN_BRACKET, OPEN_LIST, OPEN_WORD].map(
    (open) => open.exec(inContext)?.index ?? inContext.length,
  );
  const border = Math.min(...starts) - before.length;
  // Half a surrogate pair waits for its other half.
  return /[\ud800-\udbff]$/.test(text.slice(0, border)) ? border - 1 : border;
}
