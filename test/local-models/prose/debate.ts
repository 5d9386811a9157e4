/** Prose over other answers: a reply in a debate, or a synthesis. */
import { called, holds, nearestSentence } from '../reading/evidence.ts';
import type { Block } from '../reading/fences.ts';
import { claimSentences } from '../reading/sentences.ts';
import { firstWords } from '../reading/words.ts';
import type { Brief } from './brief.ts';

const DEBATE =
  /\brevis\w+|\bdebat\w+|\bother (?:answers|positions|participants|perspectives)\b|\brespond to\b|\bkeep or change\b|\breconsider\b|\bround \d/i;
const EARLIER = /\b(?:earlier|previous|former)\b/i;

/** What the fenced answers of a prompt are there for. */
export type Occasion = 'none' | 'follow-up' | 'debate' | 'synthesis';

/** Tells by the instruction and the labels whether to debate the answers, to follow up on them or to join them. */
export function occasionOf(brief: Brief): Occasion {
  const { answers } = brief.evidence;
  if (answers.length === 0) return 'none';
  if (DEBATE.test(brief.instruction)) return 'debate';
  if (answers.every((block) => EARLIER.test(block.label))) return 'follow-up';
  return answers.length > 1 ? 'synthesis' : 'none';
}

/** A sentence on each earlier answer, to be said before an answer to the new question. */
export function followUp(brief: Brief): string[] {
  return brief.evidence.answers.slice(0, 4).map((block) => {
    const lone = brief.evidence.disagreements.find((claim) => claim.holders[0] === block)?.text;
    return `The ${block.label} held that “${firstWords(lone ?? nearestSentence(block, brief.question) ?? block.text, 20)}”.`;
  });
}

/** The block of its own, from the prompt or made from the conversation, and the claim that it stands for. */
function ownPosition(brief: Brief): { block: Block | undefined; claim: string } {
  const given = brief.evidence.answers.find((answer) => answer.kind === 'own');
  const said = brief.earlier.answer;
  const block =
    given ?? (said === null ? undefined : { label: 'my earlier answer', text: said, kind: 'own' as const });
  const claims = block === undefined ? [] : claimSentences(block.text);
  const lone = claims.findLast(
    (claim) => !brief.evidence.answers.some((answer) => answer !== block && holds(answer, claim)),
  );
  return { block, claim: lone ?? claims.at(-1) ?? brief.own };
}

/** The closing line that a prompt asks for, such as “Position: kept” or “Position: changed”; undefined when it asks for none. */
function closingLine(brief: Brief, changed: boolean): string | undefined {
  const asked = /[“"]([^”"\n]{0,40}\bkept)[”"] or [“"]([^”"\n]{0,40}\bchanged)[”"]/i.exec(brief.instruction);
  return changed ? asked?.[2] : asked?.[1];
}

/** A turn in a debate: its sentences, and the line that is to stand at its end. */
export interface DebateTurn {
  said: string[];
  closing: string | undefined;
}

/**
 * A reply to the other answers, point by point, and then a position: kept, unless two of the others agree on a point
 * that was not its own, in which case it takes that point over. No chance plays a part.
 */
export function debate(brief: Brief): DebateTurn {
  const { evidence } = brief;
  const own = ownPosition(brief);
  const others = evidence.answers.filter((answer) => answer !== own.block);
  const said: string[] = [];
  for (const other of others.slice(0, 4)) {
    const name = called(evidence, other);
    const lone = evidence.disagreements.find((claim) => claim.holders[0] === other)?.text;
    const point = lone ?? nearestSentence(other, brief.question) ?? other.text;
    const common = evidence.agreements.find((claim) => claim.holders.includes(other))?.text;
    said.push(`${name} says: “${firstWords(point, 24)}”.`);
    if (common !== undefined) said.push(`I agree with ${name} that “${firstWords(common, 24)}”.`);
    else said.push(`I am not convinced by ${name}, since nobody else supports that point.`);
  }
  const pressing = evidence.agreements.find(
    (claim) =>
      claim.holders.filter((holder) => holder !== own.block).length > 1 &&
      (own.block === undefined || !holds(own.block, claim.text)),
  );
  const changed = pressing !== undefined && own.block !== undefined;
  if (changed) {
    const holders = pressing.holders.map((holder) => called(evidence, holder)).join(' and ');
    said.push(`I change my position, because ${holders} agree: ${pressing.text}`);
  } else said.push(`I keep my position: ${own.claim}`);
  // The whole position anew, so that it stands by itself.
  const claims = own.block === undefined ? brief.shared : claimSentences(own.block.text);
  said.push(...claims.filter((claim) => claim !== own.claim || changed).slice(0, 6));
  return { said, closing: closingLine(brief, changed) };
}

/** A synthesis of the answers: what they share, then what each holds alone, then a conclusion. */
export function synthesis(brief: Brief): string[] {
  const { agreements, disagreements } = brief.evidence;
  const said = [`Read together, ${brief.evidence.answers.length} answers on “${brief.topic}” can be joined.`];
  if (agreements.length > 0)
    said.push(
      `They agree on this: ${agreements
        .slice(0, 3)
        .map((claim) => claim.text)
        .join(' ')}`,
    );
  else said.push('They share no claim in the same words.');
  for (const block of brief.evidence.answers.slice(0, 6)) {
    const lone = disagreements.find((claim) => claim.holders[0] === block);
    if (lone !== undefined) said.push(`${called(brief.evidence, block)} alone adds: ${lone.text}`);
  }
  said.push(
    `In conclusion, ${agreements.length > disagreements.length ? 'the common ground is wide enough to act on' : 'the differences deserve a trial before a decision'}.`,
  );
  return said;
}
