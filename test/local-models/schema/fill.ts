/** Makes a value that is valid against a JSON schema and says what the prompt's evidence supports. */
import type { JsonObject } from '../ask.ts';
import type { Evidence } from '../reading/evidence.ts';
import { sameLabel } from '../reading/fences.ts';
import { type Item, itemsFor } from './lists.ts';
import { booleanFor, numberFor } from './numbers.ts';
import { isNamed, labelFor, nameWords, type Place } from './place.ts';
import {
  allowedValues,
  asSchema,
  isObject,
  merged,
  numberIn,
  resolved,
  type Schema,
  schemaList,
  schemaMap,
  typesOf,
} from './schema.ts';
import { memberFor, textFor } from './texts.ts';
import { isValid } from './validate.ts';

/** From this depth on only what is required is filled in; past the last one nothing is. Schemas may refer to themselves. */
const OPTIONAL_DEPTH = 6;
const LAST_DEPTH = 40;
/** Items and characters that a hostile `minItems` may cost. */
const MOST_ITEMS = 10_000;

/**
 * Fills in a schema.
 * @param turn which of several parallel calls or choices this is; names and numbers of the question are taken in turn
 * @returns a valid value; where a schema cannot be satisfied (or only by a keyword this does not know), the nearest it finds
 */
export function fillSchema(schema: unknown, evidence: Evidence, turn = 0): unknown {
  const root = asSchema(schema);
  return fill(root, {
    evidence,
    root,
    name: '',
    beside: [],
    index: 0,
    depth: 0,
    inList: false,
    block: undefined,
    claim: undefined,
    turn,
  });
}

function fill(unresolved: Schema, place: Place): unknown {
  let schema = resolved(place.root, unresolved);
  if (place.depth > LAST_DEPTH) return null;
  if (Array.isArray(schema.allOf)) {
    const { allOf, ...base } = schema;
    schema = schemaList(allOf).reduce((all, each) => merged(all, resolved(place.root, each)), base);
    // An allOf inside an allOf, or a reference that brought one.
    if (Array.isArray(schema.allOf)) return fill(schema, { ...place, depth: place.depth + 1 });
  }
  const allowed = allowedValues(schema);
  if (allowed !== undefined && allowed.length > 0) return fillMember(schema, place, allowed);
  if (Array.isArray(schema.anyOf) || Array.isArray(schema.oneOf)) return fillBranch(schema, place);
  const value = fillType(schema, place);
  if ('if' in schema) {
    const { if: condition, then, else: otherwise, ...base } = schema;
    const branch = isValid(place.root, asSchema(condition), value) ? then : otherwise;
    if (branch !== undefined)
      return fill(merged(base, resolved(place.root, asSchema(branch))), { ...place, depth: place.depth + 1 });
  }
  return value;
}

function fillMember(schema: Schema, place: Place, allowed: unknown[]): unknown {
  const first = memberFor(place, allowed);
  if (isValid(place.root, schema, first)) return first;
  return allowed.find((value) => isValid(place.root, schema, value)) ?? first;
}

/** Whether a place asks if an answer holds a claim on which it does not say a word: neither held nor denied. */
function saysNothing({ name, block, claim }: Place): boolean {
  return (
    nameWords(name).includes('holds') &&
    block !== undefined &&
    claim !== undefined &&
    !claim.holders.includes(block)
  );
}

/** The first branch whose value is valid against the whole; `null` branches last, and first where the schema is deep. */
function fillBranch(schema: Schema, place: Place): unknown {
  const { anyOf, oneOf, ...base } = schema;
  const branches = schemaList(anyOf ?? oneOf);
  if (saysNothing(place) && isValid(place.root, schema, null)) return null;
  const isNull = (branch: Schema) => typesOf(resolved(place.root, branch)).join() === 'null';
  const deep = place.depth > OPTIONAL_DEPTH;
  const ordered = [...branches].sort((a, b) =>
    deep ? Number(isNull(b)) - Number(isNull(a)) : Number(isNull(a)) - Number(isNull(b)),
  );
  // Both keywords at once: the branches of the second stay in the schema and are filled below.
  const rest = anyOf !== undefined && oneOf !== undefined ? { ...base, oneOf } : base;
  let nearest: unknown = null;
  for (const [position, branch] of ordered.entries()) {
    const value = fill(merged(rest, resolved(place.root, branch)), { ...place, depth: place.depth + 1 });
    if (isValid(place.root, schema, value)) return value;
    if (position === 0) nearest = value;
  }
  return nearest;
}

function impliedType(schema: Schema): string {
  if (
    'properties' in schema ||
    'required' in schema ||
    'additionalProperties' in schema ||
    'minProperties' in schema
  )
    return 'object';
  if ('items' in schema || 'prefixItems' in schema || 'minItems' in schema || 'contains' in schema)
    return 'array';
  if ('minimum' in schema || 'maximum' in schema || 'multipleOf' in schema) return 'number';
  return 'string';
}

function fillType(schema: Schema, place: Place): unknown {
  const types = typesOf(schema);
  if (types.includes('boolean') && types.includes('null') && saysNothing(place)) return null;
  const type =
    types.find((name) => name !== 'null') ?? (types.includes('null') ? 'null' : impliedType(schema));
  switch (type) {
    case 'object':
      return fillObject(schema, place);
    case 'array':
      return fillList(schema, place);
    case 'number':
    case 'integer':
      return numberFor(place, schema);
    case 'boolean':
      return booleanFor(place);
    case 'null':
      return null;
    default:
      return textFor(place, schema);
  }
}

function propertyOrder(schema: Schema): [string, Schema][] {
  const properties = schemaMap(schema.properties);
  const order = schema.propertyOrdering;
  if (!Array.isArray(order)) return properties;
  const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  return [...properties].sort((a, b) => rank(a[0]) - rank(b[0]));
}

function fillObject(schema: Schema, place: Place): JsonObject {
  const required = new Set(
    Array.isArray(schema.required) ? schema.required.filter((name) => typeof name === 'string') : [],
  );
  const most = numberIn(schema, 'maxProperties') ?? Number.POSITIVE_INFINITY;
  const properties = propertyOrder(schema);
  const names = properties.map(([name]) => name);
  // A null prototype: a property called __proto__ is a property like any other.
  const object: JsonObject = Object.create(null);
  const into = (name: string, own: Schema) => {
    const block = place.evidence.answers.find((answer) => sameLabel(answer.label, name)) ?? place.block;
    object[name] = fill(own, { ...place, name, beside: names, depth: place.depth + 1, block, inList: false });
  };
  let spare = most - required.size;
  for (const [name, own] of properties) {
    if (!required.has(name) && (place.depth >= OPTIONAL_DEPTH || spare-- <= 0)) continue;
    into(name, own);
    // Better left out than wrong, where a schema contradicts itself.
    if (!required.has(name) && !isValid(place.root, own, object[name])) delete object[name];
  }
  const others = asSchema(schema.additionalProperties);
  for (const name of required) if (!(name in object)) into(name, others);
  addOpenProperties(schema, place, object, into);
  return object;
}

/** Keys that no property names: labels where the object is a map of the answers, else only what `minProperties` asks for. */
function addOpenProperties(
  schema: Schema,
  place: Place,
  object: JsonObject,
  into: (name: string, own: Schema) => void,
): void {
  if (schema.additionalProperties === false && !('patternProperties' in schema)) return;
  const own = asSchema(schema.additionalProperties);
  const named = allowedValues(resolved(place.root, asSchema(schema.propertyNames)));
  const most = numberIn(schema, 'maxProperties') ?? Number.POSITIVE_INFINITY;
  const least = numberIn(schema, 'minProperties') ?? 0;
  const isMap =
    schemaMap(schema.properties).length === 0 &&
    typeof schema.additionalProperties === 'object' &&
    place.depth < OPTIONAL_DEPTH;
  const fromAnswers =
    isMap || named !== undefined ? place.evidence.answers.map((answer) => labelFor(answer, named)) : [];
  const keys = fromAnswers.filter((name) => named === undefined || named.includes(name));
  for (const name of keys) if (!(name in object) && Object.keys(object).length < most) into(name, own);
  const closed = schema.additionalProperties === false;
  const [pattern, patterned] = schemaMap(schema.patternProperties)[0] ?? [];
  for (let n = 1; Object.keys(object).length < Math.min(least, MOST_ITEMS); n++) {
    const spare = named?.find((name) => typeof name === 'string' && !(name in object));
    const key =
      typeof spare === 'string'
        ? spare
        : pattern === undefined
          ? `field_${n}`
          : patternKey(pattern, n, place, object);
    if (key === undefined || key in object) break;
    into(key, closed && patterned !== undefined ? patterned : own);
  }
}

/** A new key that a pattern takes: what the pattern makes by itself, else that with a number. */
function patternKey(pattern: string, n: number, place: Place, object: JsonObject): string | undefined {
  const made = textFor({ ...place, turn: n }, { pattern });
  return [made, `${made}${n}`].find((key) => !(key in object) && isValid(place.root, { pattern }, key));
}

function fillItem(schema: Schema, place: Place, item: Item, index: number): unknown {
  if ('value' in item) {
    // A label that the items' own limits refuse gives way to any text that they take.
    return isValid(place.root, schema, item.value)
      ? item.value
      : fill(schema, { ...place, index, depth: place.depth + 1, inList: true });
  }
  return fill(schema, {
    ...place,
    index,
    depth: place.depth + 1,
    inList: true,
    block: item.block ?? place.block,
    claim: item.claim ?? place.claim,
  });
}

/** Makes an item differ from the ones before it: a text gets a number, a number grows, an object differs in one property. */
function different(value: unknown, count: number, schema: Schema, root: Schema): unknown {
  if (typeof value === 'string') {
    const mark = ` (${count})`;
    return (
      value.slice(0, Math.max(0, (numberIn(schema, 'maxLength') ?? Number.MAX_SAFE_INTEGER) - mark.length)) +
      mark
    );
  }
  if (typeof value === 'number') return value + count * (numberIn(schema, 'multipleOf') ?? 1);
  if (!isObject(value)) return value;
  const properties = new Map(schemaMap(schema.properties));
  for (const [name, own] of Object.entries(value)) {
    const other = {
      ...value,
      [name]: different(own, count, resolved(root, properties.get(name) ?? {}), root),
    };
    if (other[name] !== own && isValid(root, schema, other)) return other;
  }
  return value;
}

function fillList(schema: Schema, place: Place): unknown[] {
  const first = schemaList(schema.prefixItems);
  const itemSchema = resolved(place.root, asSchema(schema.items));
  const least = Math.min(numberIn(schema, 'minItems') ?? 0, MOST_ITEMS);
  const most = Math.min(numberIn(schema, 'maxItems') ?? Number.POSITIVE_INFINITY, MOST_ITEMS);
  const list: unknown[] = first.slice(0, most).map((own, index) => fillItem(own, place, {}, index));
  if (schema.items === false || (first.length > 0 && !('items' in schema) && list.length >= least))
    return list;
  const items = place.depth >= OPTIONAL_DEPTH ? [] : itemsFor(place, { ...schema, items: itemSchema });
  const seen = new Set(list.map((value) => JSON.stringify(value)));
  const distinct = schema.uniqueItems === true || items.some((item) => 'value' in item);
  const members = allowedValues(itemSchema);
  for (
    let n = 0;
    (n < items.length || list.length < least) && list.length < most && n < MOST_ITEMS * 2;
    n++
  ) {
    let value = fillItem(
      itemSchema,
      place,
      items[n] ??
        (items.length > 0 && !isNamed(place.name, 'holders') ? (items[n % items.length] ?? {}) : {}),
      n,
    );
    if (distinct && seen.has(JSON.stringify(value))) {
      if (n < items.length && list.length >= least) continue;
      const unseen = members?.find((member) => !seen.has(JSON.stringify(member)));
      if (members !== undefined) value = unseen ?? value;
      else if (schema.uniqueItems === true) value = different(value, n, itemSchema, place.root);
    }
    seen.add(JSON.stringify(value));
    list.push(value);
  }
  if ('contains' in schema && !list.some((value) => isValid(place.root, asSchema(schema.contains), value))) {
    list.splice(
      list.length >= most ? -1 : list.length,
      1,
      fillItem(merged(itemSchema, resolved(place.root, asSchema(schema.contains))), place, {}, list.length),
    );
  }
  return list;
}
