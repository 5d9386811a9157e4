import type { OutputFormat } from '../../providers/index.ts';
import { shapeProblem } from './json-shape.ts';

export type Formed =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: string };

const FENCE = '```';

/**
 * A text as the JSON that a form asks for: as it is, or what stands in the one code fence that is all of it, since models without structured
 * output write one. Otherwise what is wrong with it, for the model that is asked again.
 */
export function inForm(text: string, output: OutputFormat): Formed {
  const bare = withoutFence(text.trim());
  try {
    const value: unknown = JSON.parse(bare);
    const problem = shapeProblem(output.kind === 'json_object' ? { type: 'object' } : output.schema, value);
    return problem === null ? { ok: true, text: bare } : { ok: false, problem };
  } catch (error) {
    if (error instanceof SyntaxError)
      return { ok: false, problem: bare === '' ? 'it was empty' : 'it was not JSON' };
    // Nested beyond what can be walked: no answer, but an attack on whoever walks it.
    if (error instanceof RangeError) return { ok: false, problem: 'it was nested too deep' };
    throw error;
  }
}

/** By hand: an expression that looks for both ends takes quadratic time on a text of line feeds. */
function withoutFence(text: string): string {
  const opening = text.indexOf('\n');
  if (!text.startsWith(FENCE) || !text.endsWith(FENCE) || opening < 0 || opening > 20) return text;
  return text.slice(opening + 1, -FENCE.length).trim();
}
