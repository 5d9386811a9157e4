import type { JsonObject } from '../../providers/index.ts';

/** Steps of a check after which a value passes: recursive schemas with many branches could take for ever. */
const MAX_STEPS = 100_000;
const MAX_DEPTH = 100;

/**
 * What is wrong with a value by a JSON schema, in a sentence with the path; null when nothing is. Checks what structured outputs demand (types, members, items,
 * `enum`, `const`, `anyOf`, `oneOf`, `allOf`, references within the schema, the plain bounds). Whatever else a schema says is left to the provider: `pattern` above all,
 * because a stranger's regular expression run on a stranger's text can take the machine.
 */
export function shapeProblem(schema: JsonObject, value: unknown): string | null {
  return new Check(schema).problem(schema, value, '', 0);
}

class Check {
  readonly #root: JsonObject;
  #steps = 0;

  constructor(root: JsonObject) {
    this.#root = root;
  }

  problem(schema: unknown, value: unknown, path: string, depth: number): string | null {
    this.#steps += 1;
    if (this.#steps > MAX_STEPS || depth > MAX_DEPTH || schema === true) return null;
    const at = path === '' ? 'the value' : path;
    if (schema === false) return `${at} must not be there`;
    if (!isObject(schema)) return null;
    const { $ref: reference } = schema;
    if (typeof reference === 'string') {
      const target = this.#resolve(reference);
      const wrong = target === undefined ? null : this.problem(target, value, path, depth + 1);
      if (wrong !== null) return wrong;
    }
    if (value === null && schema.nullable === true) return null;
    return (
      typeProblem(schema, value, at) ??
      this.#branchProblem(schema, value, path, depth) ??
      (Array.isArray(value)
        ? this.#itemsProblem(schema, value, path, depth)
        : isObject(value)
          ? this.#membersProblem(schema, value, path, depth)
          : boundProblem(schema, value, at))
    );
  }

  #branchProblem(schema: JsonObject, value: unknown, path: string, depth: number): string | null {
    const { allOf, anyOf, oneOf } = schema;
    for (const one of Array.isArray(allOf) ? allOf : []) {
      const wrong = this.problem(one, value, path, depth + 1);
      if (wrong !== null) return wrong;
    }
    for (const branches of [anyOf, oneOf]) {
      if (!Array.isArray(branches) || branches.length === 0) continue;
      // Of several branches that fit `oneOf` refuses the value; providers do not check that, and neither does this.
      const fits = branches.some((branch) => this.problem(branch, value, path, depth + 1) === null);
      if (!fits) return `${path === '' ? 'the value' : path} fits none of the forms that it may have`;
    }
    return null;
  }

  #itemsProblem(schema: JsonObject, items: readonly unknown[], path: string, depth: number): string | null {
    const { minItems, maxItems, items: each } = schema;
    const prefix = Array.isArray(schema.prefixItems) ? schema.prefixItems : [];
    const at = path === '' ? 'the value' : path;
    if (typeof minItems === 'number' && items.length < minItems)
      return `${at} has fewer than ${minItems} items`;
    if (typeof maxItems === 'number' && items.length > maxItems)
      return `${at} has more than ${maxItems} items`;
    for (const [index, item] of items.entries()) {
      const own = index < prefix.length ? prefix[index] : each;
      const wrong = own === undefined ? null : this.problem(own, item, `${path}[${index}]`, depth + 1);
      if (wrong !== null) return wrong;
    }
    return null;
  }

  #membersProblem(schema: JsonObject, value: JsonObject, path: string, depth: number): string | null {
    const properties = isObject(schema.properties) ? schema.properties : {};
    const pathOf = (name: string) => (path === '' ? name : `${path}.${name}`);
    for (const name of Array.isArray(schema.required) ? schema.required : []) {
      if (typeof name === 'string' && !Object.hasOwn(value, name)) return `${pathOf(name)} is missing`;
    }
    for (const [name, member] of Object.entries(value)) {
      const known = Object.hasOwn(properties, name);
      const own = known ? properties[name] : schema.additionalProperties;
      // Names that a pattern allows are left to the provider, like every pattern.
      if (own === undefined || (!known && isObject(schema.patternProperties))) continue;
      const wrong = this.problem(own, member, pathOf(name), depth + 1);
      if (wrong !== null) return wrong;
    }
    return null;
  }

  /** The schema that `#`, `#/$defs/name` and the like mean; undefined when there is none here. */
  #resolve(reference: string): unknown {
    if (!reference.startsWith('#')) return undefined;
    let found: unknown = this.#root;
    for (const part of reference
      .slice(1)
      .split('/')
      .filter((one) => one !== '')) {
      const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
      if (!isObject(found) || !Object.hasOwn(found, name)) return undefined;
      found = found[name];
    }
    return found;
  }
}

function typeProblem({ type, enum: allowed, const: only }: JsonObject, value: unknown, at: string) {
  const types = typeof type === 'string' ? [type] : Array.isArray(type) ? type : [];
  if (types.length > 0 && !types.some((name) => isOfType(name, value)))
    return `${at} must be of type ${types.join(' or ')}`;
  if (Array.isArray(allowed) && !allowed.some((one) => same(one, value)))
    return `${at} is none of the values that it may have`;
  return only !== undefined && !same(only, value) ? `${at} is not the value that it must have` : null;
}

function isOfType(name: unknown, value: unknown): boolean {
  switch (name) {
    case 'object':
      return isObject(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case 'null':
      return value === null;
    default:
      return typeof value === name;
  }
}

function boundProblem(schema: JsonObject, value: unknown, at: string): string | null {
  const { minimum, maximum, minLength, maxLength } = schema;
  const [size, least, most] =
    typeof value === 'number'
      ? [value, minimum, maximum]
      : [typeof value === 'string' ? [...value].length : undefined, minLength, maxLength];
  if (size === undefined) return null;
  if (typeof least === 'number' && size < least) return `${at} is below ${least}`;
  return typeof most === 'number' && size > most ? `${at} is above ${most}` : null;
}

function same(a: unknown, b: unknown): boolean {
  return (
    a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b))
  );
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
