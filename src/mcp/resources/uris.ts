/** The addresses of our resources. Ids of models keep their slash: `parallax://models/anthropic/claude-opus-5`. */
export const SCHEME = 'parallax';

export const MODELS_URI = `${SCHEME}://models`;
export const RUN_TEMPLATE = `${SCHEME}://runs/{id}`;
export const PERSPECTIVE_TEMPLATE = `${SCHEME}://runs/{id}/perspectives/{index}`;
export const MODEL_TEMPLATE = `${SCHEME}://models/{+id}`;
export const DOCUMENT_TEMPLATE = `${SCHEME}://docs/{+page}`;

/** The whole of a run. */
export function runUri(id: string): string {
  return `${SCHEME}://runs/${id}`;
}

/** One answer of a run, whole. */
export function perspectiveUri(id: string, index: number): string {
  return `${runUri(id)}/perspectives/${index}`;
}

export function modelUri(id: string): string {
  return `${MODELS_URI}/${id}`;
}

/** A page of the documentation; `page` is its path under docs/ without the ending. */
export function documentUri(page: string): string {
  return `${SCHEME}://docs/${page}`;
}

/** What a resource's address names. */
export type ResourceAddress =
  | { readonly kind: 'run'; readonly id: string }
  | { readonly kind: 'perspective'; readonly id: string; readonly index: number }
  | { readonly kind: 'models' }
  | { readonly kind: 'model'; readonly id: string }
  | { readonly kind: 'document'; readonly page: string };

/** Reads an address; undefined when it is none of ours. */
export function parseUri(uri: string): ResourceAddress | undefined {
  const match = /^parallax:\/\/([a-z]+)(?:\/([^?#]+))?$/.exec(uri);
  if (match === null) return undefined;
  const [, place, rest] = match;
  if (place === 'models')
    return rest === undefined ? { kind: 'models' } : { kind: 'model', id: decoded(rest) };
  if (rest === undefined) return undefined;
  if (place === 'docs') return { kind: 'document', page: decoded(rest) };
  if (place !== 'runs') return undefined;
  const perspective = /^([^/]+)\/perspectives\/(\d{1,3})$/.exec(rest);
  if (perspective !== null)
    return { kind: 'perspective', id: perspective[1] ?? '', index: Number(perspective[2]) };
  return rest.includes('/') ? undefined : { kind: 'run', id: rest };
}

/** Percent-decoded where that is possible; as it is otherwise. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
