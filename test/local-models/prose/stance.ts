/** How a system text (a persona, a stance, an instruction) shows in an answer. */
import { firstWords } from '../reading/words.ts';

export interface Stance {
  /** What the answer opens with, or '' when no instruction was given. */
  opening: string;
  side: 'against' | 'favour' | 'none';
  /** Nothing but an instruction was given: no persona and no side. */
  plain: boolean;
}

const AGAINST =
  /\b(?:argu\w*|mak\w+ the case|speak\w*|take the (?:side|position)) against\b|\bdevil(?:'s|’s) advocate\b|\bplay the (?:sceptic|skeptic|critic)\b|\bstance:\s*(?:against|oppos\w+|con)\b|\boppose\b/i;
const FAVOUR =
  /\b(?:argu\w*|mak\w+ the case|speak\w*) (?:for|in favou?r of)\b|\bstance:\s*(?:for|support\w*|pro)\b|\bin favou?r of\b|\bdefend the\b/i;
const PERSONA =
  /\b(?:[Yy]ou are|[Aa]ct as|[Aa]nswer as|[Ss]peak as|[Rr]espond as|[Ww]rite as|[Tt]ake the role of)\s+((?:an?|the)\s+[^.,;:\n]{2,60}|\p{Lu}[\p{L}-]+)/u;
const BARE_AGAINST = /^\s*(?:against|con|opposed|no)\b/i;
const BARE_FAVOUR = /^\s*(?:for|pro|in favou?r|yes)\b/i;

function sideOf(system: string, prompt: string, described: string): Stance['side'] {
  if (BARE_AGAINST.test(described) || [described, system, prompt].some((text) => AGAINST.test(text)))
    return 'against';
  return BARE_FAVOUR.test(described) || [described, system, prompt].some((text) => FAVOUR.test(text))
    ? 'favour'
    : 'none';
}

/**
 * Reads a stance from the system text, from the unfenced part of the prompt (which gives a side alone) and from
 * `described`: what a data block labelled as a stance or persona says, '' when there is none.
 */
export function readStance(system: string, prompt: string, described: string): Stance {
  const side = sideOf(system, prompt, described);
  const parts: string[] = [];
  if (side === 'against') parts.push('Arguing against:');
  if (side === 'favour') parts.push('Arguing in favour:');
  const persona = PERSONA.exec(described)?.[1] ?? PERSONA.exec(system)?.[1];
  if (described.trim() !== '') parts.push(`Taking the view “${firstWords(persona ?? described, 12)}”:`);
  else if (persona !== undefined) parts.push(`Speaking as ${firstWords(persona, 9)}:`);
  else if (side === 'none' && system.trim() !== '')
    parts.push(`As instructed (“${firstWords(system, 10)}”):`);
  const plain = side === 'none' && persona === undefined && described.trim() === '';
  return { opening: parts.join(' '), side, plain };
}
