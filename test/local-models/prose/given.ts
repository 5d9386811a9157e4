/** Sentences on what came with a prompt: earlier turns, context, media, tool results. */
import type { Media } from '../ask.ts';
import { nearestSentence } from '../reading/evidence.ts';
import { claimSentences } from '../reading/sentences.ts';
import { firstWords } from '../reading/words.ts';
import type { Brief } from './brief.ts';

function mediaName(media: Media): string {
  const size = media.bytes === null ? 'linked' : `${media.bytes} bytes`;
  return `${media.kind === 'image' ? 'an image' : media.kind === 'file' ? 'a file' : `${media.kind}`} (${media.name === null ? '' : `${media.name}, `}${media.type}, ${size})`;
}

/** One sentence each, none when nothing was given. Quotes let a reader check that the context really arrived. */
export function onWhatWasGiven(brief: Brief): string[] {
  const said: string[] = [];
  if (brief.earlier.questions.length > 0) {
    const last = brief.earlier.questions[brief.earlier.questions.length - 1] ?? '';
    said.push(`This is turn ${brief.earlier.questions.length + 1}; before it you asked about “${last}”.`);
  }
  if (brief.earlier.answer !== null) {
    const claim = claimSentences(brief.earlier.answer).at(-1) ?? brief.earlier.answer;
    said.push(`My earlier answer held that “${firstWords(claim, 16)}”.`);
  }
  for (const [index, block] of brief.evidence.contexts.slice(0, 4).entries()) {
    const sentence = nearestSentence(block, brief.question) ?? block.text;
    said.push(`From ${block.label}: “${firstWords(sentence, 24)}” [${index + 1}].`);
  }
  for (const result of brief.results.slice(0, 4)) {
    const verb = result.failed ? 'failed with' : 'returned';
    said.push(`The tool ${result.name ?? result.id} ${verb} “${firstWords(result.text, 24)}”.`);
  }
  if (brief.media.length > 0)
    said.push(`I was given ${brief.media.slice(0, 4).map(mediaName).join(' and ')}.`);
  return said;
}
