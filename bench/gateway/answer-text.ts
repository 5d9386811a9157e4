/** What the upstream says, and what whoever asked for it must get, whatever came between. */

/** One streamed piece. Always the same, so that the upstream has little to do. */
export const PIECE = ' wave';

/** The whole answer. */
export const ANSWER =
  'The sea covers most of the planet. It stores heat, moves it with its currents, feeds the clouds, and holds more life than the land. ' +
  'Its tides follow the moon and the sun; its depth is mostly unseen.';

export const PROMPT_TOKENS = 120;

/** The prompt asks the upstream for so many pieces: a sentence passes every gateway, a header of our own might not. */
export function promptFor(pieces: number): string {
  return (
    `Describe the sea to somebody who has never seen it, in plain words, without lists. Please answer with pieces=${pieces}. ` +
    'Mention its size, its colour, its movement and its sound, what lives in it, how people have crossed it, and what it does for ' +
    'the weather. Do not quote poems. Keep the sentences short.'
  );
}

export function piecesAskedFor(body: string): number {
  return Number(/pieces=(\d+)/.exec(body)?.[1] ?? 1);
}
