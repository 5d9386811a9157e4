import { invalid, malformed } from './fields.ts';

/** The JSON text of a client's value. `JSON.parse` reads deeper nesting than `JSON.stringify` writes: that is the client's mistake. */
export function jsonText(value: unknown, path: string): string {
  return textOr(value, () => invalid(path, 'is nested too deeply'));
}

/** The JSON text of a provider's value. */
export function upstreamJsonText(value: unknown, path: string): string {
  return textOr(value, () => malformed(path, 'is nested too deeply'));
}

function textOr(value: unknown, refusal: () => Error): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) throw refusal();
    throw error;
  }
}
