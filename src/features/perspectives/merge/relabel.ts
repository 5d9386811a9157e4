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

/** What may still become a reference to answers: an open bracket, the word itself with what may follow it, a word not yet whole. */
const OPEN_BRACKET = /\[[^[\]\n]{0,60}$/;
const OPEN_LIST = /\banswers?(?:[\s,&]{1,4}(?:(?:and|or)\b|[A-Z]{1,2}\b))*[\s,&]{0,4}$/i;
const OPEN_WORD = /[^\s[\]]{1,60}$/;

/** Makes a rewriter for one text. Joined, its pieces are the same however the text was split. */
export function createRelabeller(panel: Panel): Relabeller {
  const names = new Map(panel.members.map((member) => [member.label, displayName(panel, member)]));
  const label = `(?:${[...names.keys()].sort((a, b) => b.length - a.length).join('|')})`;
  const list = String.raw`${label}(?:(?:\s?,\s(?:and\s|or\s)?|\s(?:and|or|&)\s)${label})*`;
  const reference = new RegExp(String.raw`\[(?:[Aa]nswers?\s)?(${list})\]|\b[Aa]nswers?\s(${list})(?![\p{L}\p{N}])`, 'gu');
  const single = new RegExp(label, 'g');
  const rewrite = (text: string) =>
    text.replace(reference, (_whole, bracketed: string | undefined, named: string | undefined) =>
      (bracketed ?? named ?? '').replace(single, (found) => names.get(found) ?? found),
    );
  let held = '';
  return {
    push(piece) {
      held += piece;
      const border = openAt(held);
      const ready = held.slice(0, border);
      held = held.slice(border);
      return rewrite(ready);
    },
    end() {
      const rest = rewrite(held);
      held = '';
      return rest;
    },
  };
}

/** From where on a text could still turn into a reference when more comes. */
function openAt(text: string): number {
  const bracket = OPEN_BRACKET.exec(text);
  const word = OPEN_WORD.exec(text);
  const settled = word === null ? text.length : word.index;
  const list = OPEN_LIST.exec(text.slice(0, settled));
  return Math.min(settled, bracket?.index ?? text.length, list?.index ?? text.length);
}
