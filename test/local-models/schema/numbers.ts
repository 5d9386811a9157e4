/** Numbers and booleans, computed from the evidence. */
import { hash32 } from '../digest.ts';
import { ranked, type Score, weights } from '../reading/evidence.ts';
import type { Block } from '../reading/fences.ts';
import { sentences } from '../reading/sentences.ts';
import { coverage, numbers, stems, words } from '../reading/words.ts';
import { isNamed, isNoun, nameWords, type Place } from './place.ts';
import { numberIn, type Schema, textIn, typesOf } from './schema.ts';

/** How much of what the answers claim is agreed, 0 to 1. */
export function agreementRatio(place: Place): number {
  const { claims, agreements } = place.evidence;
  return claims.length === 0 ? 0.5 : agreements.length / claims.length;
}

/** Words a sentence up to which a text counts as perfectly clear. */
const CLEAR_SENTENCE_WORDS = 12;

function sentenceWords(block: Block): number {
  return words(block.text).length / Math.max(1, sentences(block.text).length);
}

function scoreOf(place: Place, block: Block): number {
  const score: Score | undefined = place.evidence.scores.get(block);
  if (score === undefined) return 0;
  const name = nameWords(place.name);
  if (name.includes('relevance')) return score.coverage;
  if (name.includes('agreement') || name.includes('consensus')) return score.agreement;
  if (name.includes('completeness') || name.includes('depth')) return score.length;
  // What others say too is likelier to be right; short sentences are clearer.
  if (name.includes('accuracy')) return 0.4 + 0.6 * score.agreement;
  if (name.includes('clarity')) return Math.min(1, CLEAR_SENTENCE_WORDS / Math.max(1, sentenceWords(block)));
  return score.total;
}

function overall(place: Place): number {
  const totals = [...place.evidence.scores.values()].map((score) => score.total);
  if (totals.length === 0)
    return coverage(stems(place.evidence.question), stems(place.evidence.prose.join(' ')));
  return totals.reduce((sum, each) => sum + each, 0) / totals.length;
}

/** A value between 0 and 1 for names such as score, weight, confidence; undefined for other names. */
function unitValue(place: Place): number | undefined {
  const { evidence, name, block, claim } = place;
  if (isNamed(name, 'confidence')) {
    if (claim !== undefined && evidence.answers.length > 0)
      return claim.holders.length / evidence.answers.length;
    return block === undefined ? 0.5 * overall(place) + 0.5 * agreementRatio(place) : scoreOf(place, block);
  }
  if (isNamed(name, 'weight'))
    return block === undefined ? agreementRatio(place) : (weights(evidence).get(block) ?? 0);
  if (isNamed(name, 'score')) return block === undefined ? overall(place) : scoreOf(place, block);
  if (isNamed(name, 'agreement')) return block === undefined ? agreementRatio(place) : scoreOf(place, block);
  // A number beside a label, or a label that is itself the name, is a score whatever it is called.
  if (
    block !== undefined &&
    !isNamed(name, 'rank') &&
    !isNamed(name, 'count') &&
    nameWords(name).at(-1) !== 'index'
  )
    return scoreOf(place, block);
  return undefined;
}

function countValue(place: Place): number | undefined {
  const { evidence, name, block, claim } = place;
  const noun = nameWords(name).at(-1);
  if (noun === 'index') return place.index;
  if (isNamed(name, 'rank') && block !== undefined) return ranked(evidence).indexOf(block) + 1;
  if (nameWords(name).some((word) => /^votes?$/.test(word)) && claim !== undefined)
    return claim.holders.length;
  if (!isNamed(name, 'count')) return undefined;
  if (isNamed(name, 'disagreement')) return evidence.disagreements.length;
  if (isNamed(name, 'agreement')) return evidence.agreements.length;
  return evidence.answers.length > 0 ? evidence.answers.length : numbers(evidence.question)[place.turn];
}

function range(schema: Schema, integer: boolean): { low: number; high: number } {
  const low = numberIn(schema, 'minimum') ?? numberIn(schema, 'exclusiveMinimum');
  const high = numberIn(schema, 'maximum') ?? numberIn(schema, 'exclusiveMaximum');
  const told = /(\d+(?:\.\d+)?)\s*(?:-|–|to|and|…|\.\.)\s*(\d+(?:\.\d+)?)/.exec(
    textIn(schema, 'description'),
  );
  const from = low ?? Number(told?.[1] ?? 0);
  const usual = integer || /percent/i.test(textIn(schema, 'description')) ? 100 : 1;
  return {
    low: from,
    high: high ?? Math.max(from, Number(told?.[2] ?? (from >= usual ? from + usual : usual))),
  };
}

/** Brings a number within a schema's bounds and steps. */
function fitted(value: number, schema: Schema, integer: boolean): number {
  const step = numberIn(schema, 'multipleOf') ?? (integer ? 1 : undefined);
  const above = numberIn(schema, 'exclusiveMinimum');
  const below = numberIn(schema, 'exclusiveMaximum');
  const grain = step ?? 0.001;
  let low = numberIn(schema, 'minimum') ?? Number.NEGATIVE_INFINITY;
  let high = numberIn(schema, 'maximum') ?? Number.POSITIVE_INFINITY;
  const span = (below ?? high) - (above ?? low);
  const nudge = Math.min(grain, Number.isFinite(span) && step === undefined ? span / 2 : grain);
  if (above !== undefined) low = Math.max(low, above + nudge);
  if (below !== undefined) high = Math.min(high, below - nudge);
  let fitting = Math.min(high, Math.max(low, value));
  if (step !== undefined) {
    fitting = Math.round(fitting / step) * step;
    if (fitting < low) fitting = Math.ceil(low / step - 1e-9) * step;
    if (fitting > high) fitting = Math.floor(high / step + 1e-9) * step;
    if (above !== undefined && fitting <= above) fitting += step;
  } else {
    const rounded = Math.round(fitting * 1000) / 1000;
    if (rounded >= low && rounded <= high) fitting = rounded;
  }
  // Steps such as 0.1 leave dust behind (0.30000000000000004).
  const clean = Number(fitting.toPrecision(12));
  return Object.is(clean, -0) ? 0 : clean;
}

/** A number for a place: a score, weight, rank or count from the evidence, a number of the question, or one from a hash. */
export function numberFor(place: Place, schema: Schema): number {
  const integer = typesOf(schema).includes('integer');
  const { low, high } = range(schema, integer);
  const unit = unitValue(place);
  const counted = countValue(place);
  if (counted !== undefined) return fitted(counted, schema, integer);
  if (unit !== undefined) return fitted(low + unit * (high - low), schema, integer);
  const asked = numbers(place.evidence.question)[place.turn + place.index];
  if (asked !== undefined) return fitted(asked, schema, integer);
  const chance = (hash32(place.evidence.question + place.name + place.index) % 1000) / 1000;
  return fitted(low + chance * (high - low), schema, integer);
}

/** A boolean for a place: whether a block holds a claim, whether the answers agree, or one from a hash. */
export function booleanFor(place: Place): boolean {
  const { evidence, block, claim, name } = place;
  const noun = nameWords(name);
  const negative = noun.some((word) =>
    /^(?:disagree\w*|conflict\w*|contested|disputed|differ\w*|continue|needs?|another|more)$/.test(word),
  );
  if (block !== undefined && claim !== undefined) return claim.holders.includes(block) !== negative;
  if (claim !== undefined) return claim.holders.length > 1 !== negative;
  if (noun.some((word) => /^(?:close|tie|tied|draw)$/.test(word))) {
    const [first, second] = ranked(evidence).map((each) => evidence.scores.get(each)?.total ?? 0);
    return first !== undefined && second !== undefined && first - second < 0.05;
  }
  if (block !== undefined) return (evidence.scores.get(block)?.total ?? 0) >= 0.5 !== negative;
  if (evidence.answers.length > 0) {
    if (negative) return evidence.disagreements.length > 0;
    if (noun.some((word) => /^(?:chang\w*|revis\w*|moved)$/.test(word))) {
      const own = evidence.answers.find((answer) => answer.kind === 'own');
      return own !== undefined && evidence.agreements.some((each) => !each.holders.includes(own));
    }
    if (isNamed(name, 'agreement') || isNoun(name, 'holders') || noun.includes('holds'))
      return evidence.agreements.length > 0;
    return overall(place) >= 0.5;
  }
  return hash32(evidence.question + name + place.index) % 2 === 0;
}
