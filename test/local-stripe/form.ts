/** The form encoding of Stripe's API: `line_items[0][price_data][currency]=usd`. */
export type Field = string | Fields;
export interface Fields {
  [name: string]: Field;
}

/** A body or query as nested objects; lists are objects with the keys `0`, `1` … */
export function readForm(text: string): Fields {
  const form: Fields = Object.create(null) as Fields;
  for (const [name, value] of new URLSearchParams(text)) {
    const path = name.replaceAll(']', '').split('[');
    let at = form;
    for (const step of path.slice(0, -1)) {
      const next = at[step];
      if (typeof next === 'object') at = next;
      else {
        const made = Object.create(null) as Fields;
        at[step] = made;
        at = made;
      }
    }
    at[path.at(-1) || String(Object.keys(at).length)] = value;
  }
  return form;
}

export function textOf(fields: Fields | undefined, name: string): string | undefined {
  const value = fields?.[name];
  return typeof value === 'string' ? value : undefined;
}

export function fieldsOf(fields: Fields | undefined, name: string): Fields | undefined {
  const value = fields?.[name];
  return typeof value === 'object' ? value : undefined;
}

export function listOf(fields: Fields | undefined, name: string): Field[] {
  return Object.values(fieldsOf(fields, name) ?? {});
}

export function metadataOf(fields: Fields | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fieldsOf(fields, 'metadata') ?? {}).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
}
