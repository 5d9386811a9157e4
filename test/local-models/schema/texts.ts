/** Strings and enum members, taken from the evidence by the property's name. */
import { hash32 } from '../digest.ts';
import { called, type Evidence, nearestSentence, ranked } from '../reading/evidence.ts';
import type { Block } from '../reading/fences.ts';
import { claimSentences } from '../reading/sentences.ts';
import { coverage, firstWords, properNames, stems, words } from '../reading/words.ts';
import { agreementRatio } from './numbers.ts';
import { matching } from './pattern.ts';
import { isNamed, isNoun, labelFor, listsLabels, nameWords, type Place } from './place.ts';
import { numberIn, type Schema, textIn } from './schema.ts';
import { patternOf, stringValid } from './validate.ts';

function namesOf(place: Place, blocks: readonly Block[]): string {
  return blocks.map((block) => called(place.evidence, block)).join(', ');
}

/** The block that a label-like property means: the one at hand, a holder of the claim, the best, or by position. */
function meantBlock(place: Place): Block | undefined {
  const order = ranked(place.evidence);
  if (isNamed(place.name, 'worst')) return order.at(-1);
  if (isNamed(place.name, 'best')) return order[0];
  if (place.block !== undefined) return place.block;
  if (place.claim !== undefined)
    return place.claim.holders[place.index % Math.max(1, place.claim.holders.length)];
  return place.inList ? place.evidence.answers[place.index] : order[0];
}

/** What an answer says that others say too, or what it leaves out that another says. */
function judged(place: Place, block: Block): string {
  const strong = isNamed(place.name, 'strength');
  const claims = place.evidence.claims.filter((claim) => claim.holders.includes(block) === strong);
  const claim = claims[place.index % Math.max(1, claims.length)];
  if (claim === undefined)
    return strong
      ? 'It claims nothing that could be compared.'
      : 'It leaves out nothing that the others say.';
  return strong ? claim.text : `It does not say: “${claim.text}”`;
}

function sentenceAt(place: Place): string {
  const { evidence } = place;
  if (place.claim !== undefined) return place.claim.text;
  if (place.block !== undefined && (isNamed(place.name, 'strength') || isNamed(place.name, 'weakness')))
    return judged(place, place.block);
  if (place.block !== undefined) {
    const own = claimSentences(place.block.text);
    return own[place.inList ? place.index % Math.max(1, own.length) : 0] ?? place.block.text;
  }
  const pool =
    evidence.claims.length > 0
      ? evidence.claims.map((claim) => claim.text)
      : [...evidence.contexts.flatMap((block) => claimSentences(block.text)), ...evidence.prose];
  return pool[(place.index + place.turn) % Math.max(1, pool.length)] ?? evidence.question;
}

function wholeText(place: Place): string {
  const { agreements, disagreements, answers, prose } = place.evidence;
  if (place.block !== undefined)
    return claimSentences(place.block.text).slice(0, 2).join(' ') || place.block.text;
  if (answers.length === 0) return prose.join(' ');
  const common = agreements.slice(0, 3).map((claim) => claim.text);
  const lone = disagreements
    .slice(0, 3)
    .map((claim) => `${namesOf(place, claim.holders)} alone adds: ${claim.text}`);
  const parts = [
    ...(common.length > 0 ? common : ['The answers share no claim in the same words.']),
    ...lone,
  ];
  return `${parts.join(' ')} This synthesis was put together by a local stand-in.`;
}

function reasonFor(place: Place): string {
  const { block, claim, evidence } = place;
  if (claim !== undefined)
    return `Held by ${namesOf(place, claim.holders) || 'none of the answers'}, ${claim.holders.length} of ${evidence.answers.length}.`;
  if (block !== undefined) {
    const score = evidence.scores.get(block);
    const covered = Math.round((score?.coverage ?? 0) * 100);
    const agreed = Math.round((score?.agreement ?? 0) * 100);
    return `It takes up ${covered}% of the question’s words in ${words(block.text).length} words, and other answers hold ${agreed}% of its claims.`;
  }
  const best = ranked(evidence)[0];
  if (best === undefined) return sentenceAt(place);
  return `${called(evidence, best)} scores ${evidence.scores.get(best)?.total ?? 0}; ${evidence.agreements.length} claims are shared and ${evidence.disagreements.length} are held by one answer alone.`;
}

/** What an answer says to a claim: that claim where it holds it, else what it holds alone. */
function stanceOf(place: Place, block: Block): string {
  if (place.claim?.holders.includes(block))
    return nearestSentence(block, place.claim.text) ?? place.claim.text;
  const lone = place.evidence.disagreements.find((claim) => claim.holders[0] === block)?.text;
  return lone ?? claimSentences(block.text).at(-1) ?? block.text;
}

function formatted(format: string, place: Place): string | undefined {
  const hex = hash32(place.evidence.question + place.name + place.index)
    .toString(16)
    .padStart(8, '0');
  const link = /https?:\/\/[^\s<>"']+/.exec(place.evidence.question)?.[0];
  const formats: { [format: string]: string } = {
    'date-time': '2026-01-01T00:00:00Z',
    date: '2026-01-01',
    time: '00:00:00Z',
    duration: 'PT1H',
    email: `${hex}@example.com`,
    hostname: 'example.com',
    uri: link ?? `https://example.com/${hex}`,
    'uri-reference': link ?? `/${hex}`,
    url: link ?? `https://example.com/${hex}`,
    uuid: `${hex}-0000-4000-8000-${hex}0000`,
    ipv4: '192.0.2.1',
    ipv6: '2001:db8::1',
  };
  return formats[format];
}

/** What a call's argument or a plain field without answers should say. */
function argumentFor(place: Place): string | undefined {
  const { question } = place.evidence;
  const name = nameWords(place.name);
  const found = properNames(question);
  const nth = place.turn + place.index;
  if (
    name.some((word) =>
      /^(?:city|location|place|country|person|company|town|destination|origin|region|name)$/.test(word),
    )
  ) {
    return found[nth % Math.max(1, found.length)] ?? firstWords(question, 3);
  }
  if (name.some((word) => /^(?:query|search|q|keywords?|terms?|question|prompt|input|request)$/.test(word)))
    return question;
  if (isNoun(place.name, 'title')) return firstWords(question, 8);
  return undefined;
}

function textBy(place: Place): string {
  const { evidence, name, block } = place;
  const answers = evidence.answers.length > 0;
  if (nameWords(name).at(-1) === 'question') return evidence.question;
  if (answers && (isNoun(name, 'best') || isNoun(name, 'worst'))) return meantBlock(place)?.label ?? '';
  const labelled =
    isNoun(name, 'label') &&
    (block !== undefined || place.claim !== undefined || place.inList || isNamed(name, 'best'));
  if (answers && labelled) return meantBlock(place)?.label ?? '';
  if (answers && isNamed(name, 'reason')) return reasonFor(place);
  if (block !== undefined && isNamed(name, 'stance')) return stanceOf(place, block);
  if (isNamed(name, 'quote')) {
    const source = block ?? evidence.contexts[0] ?? evidence.answers[0];
    return (source && nearestSentence(source, place.claim?.text ?? evidence.question)) ?? sentenceAt(place);
  }
  if (place.claim !== undefined && block === undefined && !isNamed(name, 'whole')) return place.claim.text;
  if (!place.inList && isNamed(name, 'whole')) return wholeText(place);
  if (!answers) return argumentFor(place) ?? sentenceAt(place);
  return isNoun(name, 'title') && place.claim === undefined
    ? firstWords(evidence.question, 8)
    : sentenceAt(place);
}

/** Shortens or lengthens a text to a schema's bounds, counted in code points. */
function fittedText(text: string, schema: Schema): string {
  const most = numberIn(schema, 'maxLength') ?? Number.POSITIVE_INFINITY;
  const least = numberIn(schema, 'minLength') ?? 0;
  let points = [...text];
  if (points.length > most) {
    const kept = points.slice(0, most).join('');
    const whole = kept.replace(/\s+\S*$/, '');
    const shorter = [...whole].length >= least && whole !== '' ? whole : kept;
    points = [...shorter];
  }
  while (points.length < least)
    points.push(
      ...[...(points.length === 0 ? '' : ' '), ...(text === '' ? 'stand-in' : text)].slice(
        0,
        least - points.length,
      ),
    );
  return points.join('');
}

/** How many repeats to try until a text has the length that a schema wants. */
const EXTRA_REPEATS = [3, 0, 1, 2, 4, 5, 6, 7, 8, 10, 12, 16, 20, 24, 32, 48, 64, 128, 256];

/** A string for a place, within length, format and (as far as possible) pattern. */
export function textFor(place: Place, schema: Schema): string {
  const format = formatted(textIn(schema, 'format'), place);
  if (format !== undefined) return fittedText(format, schema);
  const text = fittedText(textBy(place), schema);
  const pattern = patternOf(schema);
  if (pattern === undefined || pattern.test(text)) return text;
  const fits = (candidate: string | undefined) =>
    candidate !== undefined && candidate !== '' && stringValid(schema, candidate);
  // A name or a number from the question may fit where a sentence does not.
  const { question } = place.evidence;
  const asked = [meantBlock(place)?.label, ...properNames(question), ...question.split(/\s+/)].find(fits);
  if (asked !== undefined) return asked;
  for (const extra of EXTRA_REPEATS) {
    const made = matching(pattern.source, place.turn + place.index, extra);
    if (fits(made) && made !== undefined) return made;
  }
  return matching(pattern.source, place.turn + place.index) ?? text;
}

const SCALES: readonly (readonly string[])[] = [
  ['none', 'low', 'medium', 'high'],
  ['low', 'medium', 'high'],
  ['low', 'moderate', 'high'],
  ['weak', 'moderate', 'strong'],
  ['poor', 'fair', 'good', 'excellent'],
  ['disagree', 'partial', 'agree'],
  ['disagree', 'neutral', 'agree'],
  ['no', 'partly', 'yes'],
];

/** Whether the two best answers score the same. */
function isTie(evidence: Evidence): boolean {
  const [first, second] = ranked(evidence).map((block) => evidence.scores.get(block)?.total);
  return first !== undefined && first === second;
}

/** A member of an enum: a label of an answer, a step of a known scale, the member that the prompt's words favour, or by hash. */
export function memberFor(place: Place, allowed: readonly unknown[]): unknown {
  const { evidence, block, claim } = place;
  if (isNamed(place.name, 'best') && allowed.includes('tie') && isTie(evidence)) return 'tie';
  const meant = listsLabels(evidence, allowed) ? meantBlock(place) : undefined;
  if (meant !== undefined) {
    const label = labelFor(meant, allowed);
    if (allowed.includes(label)) return label;
    return allowed[place.index % allowed.length];
  }
  const names = allowed.map((value) => String(value).toLowerCase());
  const scale = SCALES.find((steps) => names.length > 1 && names.every((name) => steps.includes(name)));
  if (scale !== undefined) {
    const value =
      claim !== undefined && evidence.answers.length > 0
        ? claim.holders.length / evidence.answers.length
        : block === undefined
          ? agreementRatio(place)
          : (evidence.scores.get(block)?.total ?? 0);
    const steps = scale.filter((step) => names.includes(step));
    const step = steps[Math.min(steps.length - 1, Math.floor(value * steps.length))] ?? '';
    return allowed[names.indexOf(step)];
  }
  const source = stems(`${block?.text ?? ''} ${claim?.text ?? ''} ${evidence.question}`);
  let best = hash32(evidence.question + place.name + place.index) % allowed.length;
  let most = 0;
  for (const [index, value] of allowed.entries()) {
    const fit = coverage(stems(String(value).replaceAll('_', ' ')), source);
    if (fit > most) {
      most = fit;
      best = index;
    }
  }
  return allowed[best];
}
