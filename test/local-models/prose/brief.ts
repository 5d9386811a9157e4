/** A prompt as the prose writers need it: question, topic, keywords, claims, blocks, earlier turns. */
import type { Ask, Media, ToolResult, Turn } from '../ask.ts';
import { chosen } from '../digest.ts';
import { type Evidence, gatherEvidence } from '../reading/evidence.ts';
import { readFences } from '../reading/fences.ts';
import { contentWords, firstWords, properNames, stem, words } from '../reading/words.ts';
import { readStance, type Stance } from './stance.ts';
import { SUBJECTS, type Subject } from './subjects.ts';

const VOICES = ['swift', 'sage', 'scribe'] as const;
export type Voice = (typeof VOICES)[number];

export interface Brief {
  voice: Voice;
  model: string;
  /** The last user text without fenced blocks and directives. */
  instruction: string;
  question: string;
  /** A few words of the question that name what it is about. */
  topic: string;
  keywords: string[];
  /** Claims that every voice makes on this question, the question's own first. */
  shared: string[];
  /** A claim that two of the three voices make; null for the third. */
  majority: string | null;
  /** The claim that this voice alone makes. */
  own: string;
  stance: Stance;
  evidence: Evidence;
  earlier: { questions: string[]; answer: string | null };
  media: Media[];
  results: ToolResult[];
  /** Which of several choices this is, from 0. */
  variant: number;
  wantedWords: number | null;
}

const DIRECTIVE = /\[\[[a-z-]+(?::(?:(?!\[\[)[\s\S])*?)?\]\]/gi;
const LENGTH =
  /\b(?:in|about|around|exactly|of|with|using|write|under|to)\s+(?:about |around |exactly |roughly |some |at most )?(\d[\d,.']*)[\s-]words?\b/i;
const MOST_WORDS = 20_000;

/** Text without `[[directives]]`. */
export function withoutDirectives(text: string): string {
  return text
    .replace(DIRECTIVE, ' ')
    .replace(/[ \t]+/g, ' ')
    .trim();
}

/** The last user turn that has text; the prompt proper. */
export function lastPrompt(ask: Ask): Turn | undefined {
  return ask.turns.findLast((turn) => turn.role === 'user' && turn.text.trim() !== '');
}

/** How many words the prompt asks for (“in 300 words”), at most 20,000; null when it does not say. */
export function wantedWords(prompt: string): number | null {
  const found = LENGTH.exec(prompt)?.[1]?.replace(/[,.']/g, '');
  if (found === undefined) return null;
  const count = Number.parseInt(found, 10);
  return count > 0 ? Math.min(count, MOST_WORDS) : null;
}

function topicOf(question: string): string {
  const bare = question
    .replace(LENGTH, '')
    .replace(
      /^\W*(?:please\s+)?(?:what(?:'s| is| are| was| were)?|who(?: is| was)?|why(?: is| are| do| does| did)?|how (?:do|does|can|should|would)(?: i| we| you)?|how|when|where(?: is)?|should(?: i| we| one)?|can you|could you|would you|tell me(?: about)?|explain|describe|compare|is|are|do|does|write (?:about|an? \w+ (?:on|about)))\s+/i,
      '',
    )
    .trim();
  return firstWords(bare === '' ? question : bare, 12)
    .replaceAll('“', '')
    .replaceAll('”', '');
}

function subjectOf(keywords: string[]): Subject {
  const asked = new Set(keywords.map(stem));
  let best = SUBJECTS[SUBJECTS.length - 1];
  let most = 0;
  for (const subject of SUBJECTS) {
    const hits = subject.signs.split(' ').filter((sign) => sign !== '' && asked.has(stem(sign))).length;
    if (hits > most) {
      most = hits;
      best = subject;
    }
  }
  if (best === undefined) throw new Error('there are no subjects');
  return best;
}

function ownClaim(question: string, keywords: string[]): string {
  const [a, b] = keywords;
  if (a === undefined) return 'The question is short, so the first task is to make it precise.';
  if (b === undefined) return `The question turns on what “${a}” has to achieve.`;
  return chosen(
    [
      `The question turns on how “${a}” and “${b}” bear on each other.`,
      `Whoever settles “${a}” also settles “${b}”.`,
      `Clear limits for “${a}” make the part about “${b}” easier.`,
    ],
    question,
  );
}

/** Names, and words of the subject's own, before other words. */
function weightiestFirst(found: string[], question: string, subject: Subject): string[] {
  const weighty = new Set([...properNames(question).flatMap(words), ...subject.signs.split(' ')].map(stem));
  return [
    ...found.filter((word) => weighty.has(stem(word))),
    ...found.filter((word) => !weighty.has(stem(word))),
  ];
}

/** The claim of the majority, or null for the voice that a hash of the question leaves out. */
function majorityClaim(question: string, voice: Voice, subject: Subject): string | null {
  const common = chosen(subject.shared, question);
  const others = subject.shared.filter((claim) => claim !== common);
  return chosen(VOICES, `left out: ${question}`) === voice ? null : chosen(others, question);
}

/** Reads a request into a brief. `variant` counts the choices of one request. */
export function readBrief(ask: Ask, voice: Voice, variant: number): Brief {
  const last = lastPrompt(ask);
  const position = last === undefined ? -1 : ask.turns.indexOf(last);
  const prompt = readFences(last?.text ?? '');
  const system = readFences(ask.system);
  const instruction = withoutDirectives(prompt.outside);
  const blocks = [...system.blocks, ...prompt.blocks];
  // After fenced data the question comes last; before it stand instructions on how to read the data.
  const following = withoutDirectives(prompt.after);
  const asked =
    blocks.find((block) => block.kind === 'question')?.text ?? (following === '' ? instruction : following);
  const question = withoutDirectives(asked === '' ? 'an empty question' : asked);
  const found = contentWords(question.replace(LENGTH, ' ')).slice(0, 24);
  const subject = subjectOf(found);
  const keywords = weightiestFirst(found, question, subject);
  const described = blocks.find((block) => block.kind === 'stance')?.text ?? '';
  const stance = readStance(withoutDirectives(system.outside), instruction, described);
  const list = subject[voice];
  const own =
    stance.side === 'none'
      ? (list[(list.indexOf(chosen(list, question)) + variant) % list.length] ?? '')
      : subject[stance.side];
  const shared = [ownClaim(question, keywords), chosen(subject.shared, question)];
  const majority = stance.side === 'none' ? majorityClaim(question, voice, subject) : null;
  const before = ask.turns.slice(0, Math.max(0, position));
  // Formats part what a person gives at once into several turns: results of tools, and words behind them.
  const start =
    ask.turns.slice(0, Math.max(0, position)).findLastIndex((turn) => turn.role === 'assistant') + 1;
  const given = ask.turns.slice(start);
  return {
    voice,
    model: ask.model,
    instruction,
    question,
    topic: topicOf(question),
    keywords,
    shared,
    majority,
    own,
    stance,
    evidence: gatherEvidence(
      question,
      blocks,
      [...shared, ...(majority === null ? [] : [majority]), own],
      /\bin square brackets\b/i.test(instruction),
    ),
    earlier: {
      questions: before
        .filter((turn) => turn.role === 'user' && turn.text.trim() !== '')
        .map((turn) => topicOf(withoutDirectives(readFences(turn.text).outside))),
      answer: before.findLast((turn) => turn.role === 'assistant' && turn.text.trim() !== '')?.text ?? null,
    },
    media: given.flatMap((turn) => turn.media),
    results: given.flatMap((turn) => turn.results),
    variant,
    wantedWords: wantedWords(instruction),
  };
}
