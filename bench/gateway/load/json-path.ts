/** What lies at a path in a parsed JSON value; undefined where there is no such place. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let place = value;
  for (const key of path) {
    if (typeof place !== 'object' || place === null) return undefined;
    place = (place as Readonly<Record<string | number, unknown>>)[key];
  }
  return place;
}
