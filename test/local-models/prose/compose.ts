/** The prose of the three voices. */
import { hash32 } from '../digest.ts';
import type { Brief } from './brief.ts';
import { debate, followUp, type Occasion, occasionOf, synthesis } from './debate.ts';
import { onWhatWasGiven } from './given.ts';

/** Which model speaks, and that it is none. */
export function selfDescription(model: string): string {
  return `This text comes from “${model}”, a local stand-in, and not from a trained model.`;
}

const FURTHER: readonly ((a: string, b: string, n: number) => string)[] = [
  (a, b, n) =>
    `Point ${n} looks at ${a} from the side of ${b} and asks what would change if one of them were missing.`,
  (a, b) =>
    `A team that cares about ${a} will sooner or later meet ${b}, and it helps to have agreed on a limit before that day.`,
  (a, _b, n) =>
    `In step ${n} somebody should check ${a} against a real case and write down what did not fit.`,
  (a, b) => `If ${b} grows faster than ${a}, the plan above needs another look.`,
  (a, b, n) =>
    `Note ${n}: numbers on ${b} are easy to collect, while numbers on ${a} usually have to be asked for.`,
  (a) => `Nothing here depends on guessing about ${a}; where a guess is needed it should be marked as one.`,
];

/** Endless further sentences, made from the question's keywords. */
function* elaboration(brief: Brief): Generator<string> {
  const terms = brief.keywords.length > 0 ? brief.keywords : ['the question'];
  const offset = hash32(brief.question + brief.voice);
  for (let n = 1; ; n++) {
    const a = terms[(offset + n) % terms.length] ?? 'the question';
    const b = terms[(offset + n * 3 + 1) % terms.length] ?? 'the answer';
    const sentence = FURTHER[(offset + n) % FURTHER.length]?.(a, b === a ? 'everything around it' : b, n);
    if (sentence !== undefined) yield sentence;
  }
}

function wordCount(text: string): number {
  return text.split(/\s+/).filter((word) => word !== '').length;
}

function also(brief: Brief): string {
  return brief.majority === null ? '' : ` ${brief.majority}`;
}

function swiftBody(brief: Brief): string {
  const again =
    brief.variant > 0 ? ` Another angle, number ${brief.variant + 1}: the first step can wait a day.` : '';
  return `On “${brief.topic}”: ${brief.shared[1]} ${brief.own} ${brief.shared[0]}${also(brief)} Begin there.${again}`;
}

function sageBody(brief: Brief): string {
  const again =
    brief.variant > 0
      ? ` Looking at it a ${brief.variant + 1}th time, the caveat weighs more than the rule.`
      : '';
  return `It depends. ${brief.shared[0]} ${brief.shared[1]}${also(brief)} That is safe. ${brief.own} I would hold this loosely for “${brief.topic}”: the answer changes when “${brief.keywords[0] ?? 'the setting'}” means something else to you than it does to me.${again}`;
}

function scribeBody(brief: Brief): string {
  const again =
    brief.variant > 0 ? `\n- Version ${brief.variant + 1} of this list puts the last point first.` : '';
  return `Summary for “${brief.topic}”:\n\n- ${brief.shared[1]}\n- ${brief.shared[0]}\n${brief.majority === null ? '' : `- ${brief.majority}\n`}- ${brief.own}${again}`;
}

function plainBody(brief: Brief): string {
  if (brief.voice === 'sage') return sageBody(brief);
  return brief.voice === 'scribe' ? scribeBody(brief) : swiftBody(brief);
}

interface Body {
  text: string;
  /** A line that the prompt wants at the very end. */
  lastLine?: string | undefined;
}

function body(brief: Brief, occasion: Occasion): Body {
  const joined = (said: string[]) =>
    brief.voice === 'scribe' ? said.map((sentence) => `- ${sentence}`).join('\n') : said.join(' ');
  switch (occasion) {
    case 'none':
      return { text: plainBody(brief) };
    case 'follow-up':
      return {
        text: `${followUp(brief).join(' ')}${brief.voice === 'scribe' ? '\n\n' : ' '}${plainBody(brief)}`,
      };
    case 'debate': {
      const { said, closing } = debate(brief);
      return { text: joined(said), lastLine: closing };
    }
    case 'synthesis':
      return { text: joined(synthesis(brief)) };
  }
}

/** Brings a text to the wanted number of words: further sentences before the closing one, or a cut. */
function toLength(brief: Brief, opening: string, closing: string, wanted: number): string {
  if (wanted < 40) {
    // Too short for both: the closing line leads, so that it survives the cut.
    return cut(`Local stand-in, no trained model. ${opening}`, wanted);
  }
  const room = wanted - wordCount(closing);
  const text: string[] = [opening];
  let count = wordCount(opening);
  const more = elaboration(brief);
  for (let n = 1; count < room; n++) {
    const next = more.next();
    if (next.done === true) break;
    text.push(n % 5 === 0 ? `${next.value}\n\n` : `${next.value} `);
    count += wordCount(next.value);
  }
  return `${cut([`${text[0]}\n\n`, ...text.slice(1)].join(''), room)} ${closing}`;
}

/** The first `count` words with their white space, closed by a full stop. */
function cut(text: string, count: number): string {
  const kept = (text.match(/\s*\S+/gu) ?? []).slice(0, count).join('');
  return /[.!?”]$/.test(kept) ? kept : `${kept.replace(/[,;:–-]$/, '')}.`;
}

/** The prose answer of a voice to a brief: about 60 to 120 words, or as many as the prompt asks for. */
export function compose(brief: Brief): string {
  const occasion = occasionOf(brief);
  const { text, lastLine } = body(brief, occasion);
  // In a debate or a synthesis the system text is about the task; only a persona or a stance shows.
  const task = occasion === 'debate' || occasion === 'synthesis';
  const opening = task && brief.stance.plain ? '' : brief.stance.opening;
  const given = occasion === 'synthesis' ? [] : onWhatWasGiven(brief);
  const parts = [opening, ...given, text].filter((part) => part !== '');
  const whole = brief.voice === 'scribe' ? parts.join('\n\n') : parts.join(' ');
  const closing = selfDescription(brief.model);
  const end = lastLine === undefined ? '' : `\n\n${lastLine}`;
  if (brief.wantedWords !== null) return toLength(brief, whole, closing, brief.wantedWords) + end;
  return `${whole}${brief.voice === 'scribe' ? '\n\n' : ' '}${closing}${end}`;
}

/** A short reasoning, for requests that ask for it. */
export function reasoning(brief: Brief): string {
  const terms = brief.keywords.slice(0, 3).join(', ');
  const blocks = brief.evidence.answers.length;
  const read = blocks > 0 ? ` There are ${blocks} answers to weigh.` : '';
  return `The question is about “${brief.topic}”. The words that carry it are: ${terms === '' ? 'none' : terms}.${read} I start from what every voice here would say, then add what ${brief.voice} alone holds.`;
}
