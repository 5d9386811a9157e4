/** What the items of a list are about: claims, answers, labels, or simply one sentence after another. */
import { type Claim, ranked } from '../reading/evidence.ts';
import { type Block, sameLabel } from '../reading/fences.ts';
import { isNamed, labelFor, listsLabels, nameWords, type Place } from './place.ts';
import { allowedValues, resolved, type Schema, schemaMap, typesOf } from './schema.ts';

/** One item: what it is about, or a finished value. */
export type Item = { block?: Block; claim?: Claim } | { value: string };

/** Sentences in a list when nothing says how many. */
const USUAL_ITEMS = 3;
const MOST_CLAIMS = 8;

function labelItems(blocks: readonly Block[], allowed: readonly unknown[] | undefined): Item[] {
  const names = blocks.map((block) => labelFor(block, allowed));
  return [...new Set(names)]
    .filter((name) => allowed === undefined || allowed.includes(name))
    .map((value) => ({ value }));
}

function claimItems(claims: readonly Claim[]): Item[] {
  return claims.slice(0, MOST_CLAIMS).map((claim) => ({ claim }));
}

function isText(schema: Schema): boolean {
  const types = typesOf(schema);
  return types.includes('string') || (types.length === 0 && allowedValues(schema) !== undefined);
}

/** What the properties of an item's schema say it is about. */
function shapeOf(place: Place, item: Schema): 'answer' | 'claim' | undefined {
  const properties = schemaMap(item.properties);
  const names = properties.map(([name]) => name);
  const hasLabel = properties.some(
    ([name, schema]) =>
      listsLabels(place.evidence, allowedValues(resolved(place.root, schema))) ||
      (isNamed(name, 'label') && isText(resolved(place.root, schema))),
  );
  const hasHolders = properties.some(
    ([name, schema]) =>
      (isNamed(name, 'holders') || isNamed(name, 'perBlock')) &&
      typesOf(resolved(place.root, schema)).includes('array'),
  );
  if (hasHolders && names.some((name) => isNamed(name, 'text'))) return 'claim';
  return hasLabel ? 'answer' : undefined;
}

/** The items for a list property, before `minItems` and `maxItems` are looked at. */
export function itemsFor(place: Place, list: Schema): Item[] {
  const { evidence, name, block, claim } = place;
  const item = resolved(place.root, (list.items ?? {}) as Schema);
  const allowed = allowedValues(item);
  const plain = isText(item);
  const listed = listsLabels(evidence, allowed);
  // Answers that an enum leaves out are not candidates here.
  const answers = listed
    ? evidence.answers.filter((answer) =>
        allowed?.some((value) => typeof value === 'string' && sameLabel(value, answer.label)),
      )
    : evidence.answers;
  if (answers.length === 0) return Array.from({ length: USUAL_ITEMS }, () => ({}));
  const ordered = nameWords(name).some((word) => /^(?:rank\w*|order\w*|sorted)$/.test(word))
    ? ranked(evidence).filter((answer) => answers.includes(answer))
    : answers;
  if (claim !== undefined && plain && (listed || isNamed(name, 'holders') || isNamed(name, 'opponents'))) {
    const opposed = isNamed(name, 'opponents');
    return labelItems(
      answers.filter((answer) => claim.holders.includes(answer) !== opposed),
      allowed,
    );
  }
  if (claim !== undefined) return plain ? [{ claim }] : answers.map((answer) => ({ block: answer, claim }));
  if (block !== undefined) {
    const own = evidence.claims.filter((each) => each.holders.includes(block));
    if (isNamed(name, 'agreement')) return claimItems(own.filter((each) => each.holders.length > 1));
    if (isNamed(name, 'disagreement')) return claimItems(own);
    return Array.from({ length: Math.min(USUAL_ITEMS, Math.max(1, own.length)) }, () => ({ block }));
  }
  if (isNamed(name, 'disagreement'))
    return claimItems(evidence.stated.length > 0 ? evidence.stated : evidence.disagreements);
  if (isNamed(name, 'agreement')) return claimItems(evidence.agreements);
  if (listed && plain) return labelItems(ordered, allowed);
  const shape = shapeOf(place, item);
  if (shape === 'claim')
    return claimItems(
      evidence.stated.length > 0 ? evidence.stated : [...evidence.agreements, ...evidence.disagreements],
    );
  if (isNamed(name, 'perBlock') && plain && !isNamed(name, 'score')) return labelItems(ordered, allowed);
  if (shape === 'answer' || isNamed(name, 'perBlock')) return ordered.map((answer) => ({ block: answer }));
  if (evidence.stated.length > 0) return claimItems(evidence.stated);
  return Array.from({ length: Math.min(USUAL_ITEMS, Math.max(1, evidence.claims.length)) }, () => ({}));
}
