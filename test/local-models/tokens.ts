/**
 * The token rule of the local models, stated once:
 * - input: a text is `ceil(characters / 4)` tokens; every attached image, sound or file is 258 tokens;
 * - output: one token a streamed piece, and a piece is a word with the white space before it (words over
 *   16 characters come in several pieces).
 */
import type { Ask } from './ask.ts';

/** Tokens of one attached image, sound or file. */
export const MEDIA_TOKENS = 258;

/** Tokens of a text. */
export function textTokens(text: string): number {
  return Math.ceil(text.length / 4);
}

/** A text cut into pieces; joined they are the text again. Never cuts inside a code point. */
export function pieces(text: string): string[] {
  return text.match(/\s*\S{1,16}|\s+$/gu) ?? [];
}

/** Input tokens of a request: system text, turns, tool definitions, output schema, media. */
export function inputTokens(ask: Ask): number {
  let tokens = textTokens(ask.system);
  for (const turn of ask.turns) {
    tokens += textTokens(turn.text) + turn.media.length * MEDIA_TOKENS;
    for (const call of turn.calls) tokens += textTokens(call.name + JSON.stringify(call.input ?? null));
    for (const result of turn.results) tokens += textTokens(result.text);
  }
  for (const tool of ask.tools)
    tokens += textTokens(tool.name + tool.description + JSON.stringify(tool.schema ?? {}));
  if (ask.output.kind === 'schema') tokens += textTokens(JSON.stringify(ask.output.schema ?? {}));
  return Math.max(1, tokens);
}
