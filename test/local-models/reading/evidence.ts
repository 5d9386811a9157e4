/** What a prompt holds: the question, the answers to compare, who holds which claim, and how good each answer looks. */
import { hash32 } from '../digest.ts';
import type { Block } from './fences.ts';
import { claimSentences } from './sentences.ts';
import { coverage, overlap, stems, words } from './words.ts';

/** Two sentences count as the same claim from this overlap of their words' stems on. */
const SAME_CLAIM = 0.6;

/** Claims of one answer that are compared with the others'; comparing takes the square of their number. */
const MOST_CLAIMS = 60;

export interface Claim {
  text: string;
  holders: Block[];
}

export interface Score {
  /** All of it, 0 to 1. */
  total: number;
  /** The share of the question's words that the answer takes up. */
  coverage: number;
  /** The share of the answer's claims that another answer holds too. */
  agreement: number;
  /** Rises with the number of words (40 give a half), and falls beyond 400. */
  length: number;
}

export interface Evidence {
  question: string;
  answers: Block[];
  contexts: Block[];
  /** Claims that the prompt itself lists in blocks labelled so. */
  stated: Claim[];
  claims: Claim[];
  agreements: Claim[];
  disagreements: Claim[];
  scores: Map<Block, Score>;
  /** Sentences to take text from when there are no answers. */
  prose: string[];
  /** Prose is to name an answer as `[A]`, by its label's last word, because the prompt asks for that. */
  bracketed: boolean;
}

/** How prose calls an answer. */
export function called(evidence: Evidence, block: Block): string {
  return evidence.bracketed ? `[${block.label.split(' ').at(-1)}]` : block.label;
}

function claimsOf(answers: Block[]): Claim[] {
  const found: { claim: Claim; stems: Set<string> }[] = [];
  for (const block of answers) {
    for (const text of claimSentences(block.text).slice(0, MOST_CLAIMS)) {
      const own = stems(text);
      const same = found.find((entry) => overlap(entry.stems, own) >= SAME_CLAIM);
      if (same === undefined) found.push({ claim: { text, holders: [block] }, stems: own });
      else if (!same.claim.holders.includes(block)) same.claim.holders.push(block);
    }
  }
  return found.map((entry) => entry.claim);
}

/** Whether a block says what a claim says: one of its sentences has the same words, more or less. */
export function holds(block: Block, claim: string): boolean {
  const wanted = stems(claim);
  return claimSentences(block.text).some((sentence) => overlap(stems(sentence), wanted) >= SAME_CLAIM);
}

/** The sentence of a block that is nearest to a text in its words; undefined when the block has none. */
export function nearestSentence(block: Block, text: string): string | undefined {
  const wanted = stems(text);
  let best: string | undefined;
  let most = -1;
  for (const sentence of claimSentences(block.text)) {
    const value = coverage(wanted, stems(sentence));
    if (value > most) {
      most = value;
      best = sentence;
    }
  }
  return best;
}

function scoreOf(block: Block, question: string, claims: Claim[], among: number): Score {
  const own = claims.filter((claim) => claim.holders.includes(block));
  const shared = own.filter((claim) => claim.holders.length > 1).length;
  const size = words(block.text).length;
  const covered = coverage(stems(question), stems(block.text));
  const agreement = among < 2 ? 0.5 : own.length === 0 ? 0 : shared / own.length;
  const length = size > 400 ? 400 / size : size / (size + 40);
  const total = 0.1 + 0.9 * (0.4 * covered + 0.35 * agreement + 0.25 * length);
  return { total: Math.round(total * 1000) / 1000, coverage: covered, agreement, length };
}

/**
 * Evidence from a prompt's blocks. Scores depend on the texts alone, never on labels or on the order, so that a
 * judge who sees the answers shuffled comes to the same view.
 */
export function gatherEvidence(
  question: string,
  blocks: Block[],
  prose: string[],
  bracketed = false,
): Evidence {
  const answers = blocks.filter((block) => block.kind === 'answer' || block.kind === 'own');
  const claims = claimsOf(answers);
  const asked = blocks.find((block) => block.kind === 'question')?.text ?? question;
  return {
    question: asked,
    answers,
    contexts: blocks.filter((block) => block.kind === 'context'),
    stated: blocks
      .filter((block) => block.kind === 'claim')
      .map((block) => ({ text: block.text, holders: answers.filter((answer) => holds(answer, block.text)) })),
    claims,
    agreements: claims.filter((claim) => claim.holders.length > 1),
    disagreements: claims.filter((claim) => claim.holders.length === 1),
    scores: new Map(answers.map((block) => [block, scoreOf(block, asked, claims, answers.length)])),
    prose,
    bracketed,
  };
}

/** The answers, best first. Equal scores are ordered by a hash of the text, so order in the prompt plays no part. */
export function ranked(evidence: Evidence): Block[] {
  const total = (block: Block) => evidence.scores.get(block)?.total ?? 0;
  return [...evidence.answers].sort((a, b) => total(b) - total(a) || hash32(a.text) - hash32(b.text));
}

/** Each answer's share of all the scores; they add up to 1 (three decimals, the rest goes to the best). */
export function weights(evidence: Evidence): Map<Block, number> {
  const order = ranked(evidence);
  const sum = order.reduce((all, block) => all + (evidence.scores.get(block)?.total ?? 0), 0);
  const shares = new Map<Block, number>();
  let left = 1000;
  for (const block of order.slice(1)) {
    const share =
      sum === 0
        ? Math.floor(1000 / order.length)
        : Math.round(((evidence.scores.get(block)?.total ?? 0) / sum) * 1000);
    shares.set(block, share / 1000);
    left -= share;
  }
  const best = order[0];
  if (best !== undefined) shares.set(best, left / 1000);
  return shares;
}
