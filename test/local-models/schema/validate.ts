/** Whether a value is valid against a JSON schema; only as much of the standard as requests use. */
import {
  allowedValues,
  asSchema,
  isObject,
  numberIn,
  resolved,
  type Schema,
  schemaList,
  schemaMap,
  textIn,
  typesOf,
} from './schema.ts';

const DEEPEST = 64;

function typeMatches(type: string, value: unknown): boolean {
  switch (type) {
    case 'object':
      return isObject(value);
    case 'array':
      return Array.isArray(value);
    case 'string':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number';
    case 'integer':
      return Number.isInteger(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'null':
      return value === null;
    default:
      return true;
  }
}

/** A pattern as a regular expression; undefined when it is none. */
export function patternOf(schema: Schema): RegExp | undefined {
  const pattern = textIn(schema, 'pattern');
  if (pattern === '') return undefined;
  for (const flags of ['u', '']) {
    try {
      return new RegExp(pattern, flags);
    } catch (error) {
      // Not valid in Unicode mode (or at all): the plain mode is more lenient; a pattern that is none binds nobody.
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return undefined;
}

/** Whether a string keeps to length (in code points) and pattern. */
export function stringValid(schema: Schema, value: string): boolean {
  const length = [...value].length;
  const pattern = patternOf(schema);
  return (
    length >= (numberIn(schema, 'minLength') ?? 0) &&
    length <= (numberIn(schema, 'maxLength') ?? Number.POSITIVE_INFINITY) &&
    (pattern === undefined || pattern.test(value))
  );
}

function numberValid(schema: Schema, value: number): boolean {
  const step = numberIn(schema, 'multipleOf');
  const quotient = step === undefined ? 0 : value / step;
  return (
    value >= (numberIn(schema, 'minimum') ?? Number.NEGATIVE_INFINITY) &&
    value <= (numberIn(schema, 'maximum') ?? Number.POSITIVE_INFINITY) &&
    value > (numberIn(schema, 'exclusiveMinimum') ?? Number.NEGATIVE_INFINITY) &&
    value < (numberIn(schema, 'exclusiveMaximum') ?? Number.POSITIVE_INFINITY) &&
    Math.abs(quotient - Math.round(quotient)) < 1e-9
  );
}

function arrayValid(root: Schema, schema: Schema, value: unknown[], depth: number): boolean {
  const first = schemaList(schema.prefixItems);
  if (
    value.length < (numberIn(schema, 'minItems') ?? 0) ||
    value.length > (numberIn(schema, 'maxItems') ?? Number.POSITIVE_INFINITY)
  )
    return false;
  if (schema.uniqueItems === true && new Set(value.map((item) => JSON.stringify(item))).size !== value.length)
    return false;
  if (
    'contains' in schema &&
    !value.some((item) => isValid(root, asSchema(schema.contains), item, depth + 1))
  )
    return false;
  return value.every((item, index) => {
    const itemSchema = first[index] ?? ('items' in schema ? asSchema(schema.items) : {});
    return isValid(root, itemSchema, item, depth + 1);
  });
}

function objectValid(root: Schema, schema: Schema, value: Record<string, unknown>, depth: number): boolean {
  const keys = Object.keys(value);
  const required = Array.isArray(schema.required) ? schema.required : [];
  if (!required.every((name) => typeof name === 'string' && Object.hasOwn(value, name))) return false;
  if (
    keys.length < (numberIn(schema, 'minProperties') ?? 0) ||
    keys.length > (numberIn(schema, 'maxProperties') ?? Number.POSITIVE_INFINITY)
  )
    return false;
  const named = new Map(schemaMap(schema.properties));
  const patterned = schemaMap(schema.patternProperties).map(
    ([pattern, own]) => [patternOf({ pattern }), own] as const,
  );
  return keys.every((key) => {
    if ('propertyNames' in schema && !isValid(root, asSchema(schema.propertyNames), key, depth + 1))
      return false;
    const own = named.get(key);
    const matching = patterned.filter(([pattern]) => pattern?.test(key));
    if (own !== undefined && !isValid(root, own, value[key], depth + 1)) return false;
    if (!matching.every(([, each]) => isValid(root, each, value[key], depth + 1))) return false;
    if (own !== undefined || matching.length > 0 || !('additionalProperties' in schema)) return true;
    return isValid(root, asSchema(schema.additionalProperties), value[key], depth + 1);
  });
}

function combinationsValid(root: Schema, schema: Schema, value: unknown, depth: number): boolean {
  const valid = (each: Schema) => isValid(root, each, value, depth + 1);
  if (!schemaList(schema.allOf).every(valid)) return false;
  if (Array.isArray(schema.anyOf) && !schemaList(schema.anyOf).some(valid)) return false;
  if (Array.isArray(schema.oneOf) && schemaList(schema.oneOf).filter(valid).length !== 1) return false;
  if ('not' in schema && valid(asSchema(schema.not))) return false;
  if (!('if' in schema)) return true;
  const branch = valid(asSchema(schema.if)) ? schema.then : schema.else;
  return branch === undefined || valid(asSchema(branch));
}

/** Validates `value` against `schema`, whose references point into `root`. */
export function isValid(root: Schema, schema: Schema, value: unknown, depth = 0): boolean {
  if (depth > DEEPEST) return true;
  const { $ref, ...beside } = schema;
  if (typeof $ref === 'string' && !isValid(root, resolved(root, { $ref }), value, depth + 1)) return false;
  const types = typesOf(beside);
  const allowed = allowedValues(beside);
  if (types.length > 0 && !types.some((type) => typeMatches(type, value))) return false;
  if (
    allowed !== undefined &&
    !allowed.some((each) => JSON.stringify(each) === JSON.stringify(value)) &&
    !(value === null && schema.nullable === true)
  )
    return false;
  if (typeof value === 'string' && !stringValid(beside, value)) return false;
  if (typeof value === 'number' && !numberValid(beside, value)) return false;
  if (Array.isArray(value) && !arrayValid(root, beside, value, depth)) return false;
  if (isObject(value) && !objectValid(root, beside, value, depth)) return false;
  return combinationsValid(root, beside, value, depth);
}
