/** `[[directives]]` in a prompt: how a test asks for hostile or particular output. Fenced data never directs. */
import type { Ask } from './ask.ts';
import { lastPrompt } from './prose/brief.ts';
import { readFences } from './reading/fences.ts';

export interface Directives {
  /** `[[say:TEXT]]`: answer exactly this. */
  say: string | null;
  /** `[[status:NNN]]`: an error of this status, 400 to 599. */
  status: number | null;
  /** `[[sse-line:BYTES]]`: one data line of so many bytes in the stream; unstreamed, a text of so many characters. */
  sseLineBytes: number | null;
  /** `[[heavy:LENGTH]]`: answer in 4,000 pieces of so many characters each. */
  pieceLength: number | null;
  /** `[[wrong-format]]`: answer in another format's shape. */
  wrongFormat: boolean;
  /** `[[stall:N]]`: send N pieces, then nothing more, and keep the connection open. */
  stallAfter: number | null;
  /** `[[error-after:N]]`: send N pieces, then the format's error event. */
  errorAfter: number | null;
  /** `[[left:N MSms]]`: the headers say that N of N + 1 requests are left and that the limit is whole again in so many milliseconds. */
  left: LeftRequests | null;
  /** `[[cached:N]]`: report N input tokens as read from a cache. */
  cachedTokens: number;
  /** `[[prompt-block]]`: Gemini's blocked prompt, which has no candidate; a refusal elsewhere. */
  promptBlock: boolean;
  /** `[[call:NAME ARGUMENTS]]`, any number of them: call exactly these tools; `[[no-calls]]`: call none. Null: as the stand-in sees fit. */
  calls: DirectedCall[] | null;
}

/** What the headers of an answer say of the limit of requests. */
export interface LeftRequests {
  requests: number;
  resetMs: number;
}

/** A call as a directive words it; the arguments are passed on as they are, JSON or not. */
export interface DirectedCall {
  name: string;
  text: string;
}

const MOST_LINE_BYTES = 64 * 1024 * 1024;

function count(text: string, name: string, most: number): number | null {
  const found = new RegExp(`\\[\\[${name}:(\\d{1,9})\\]\\]`, 'i').exec(text)?.[1];
  return found === undefined ? null : Math.min(Number(found), most);
}

function leftRequests(text: string): LeftRequests | null {
  const found = /\[\[left:(\d{1,9}) (\d{1,9})ms\]\]/i.exec(text);
  return found === null ? null : { requests: Number(found[1]), resetMs: Number(found[2]) };
}

/** The calls that a text directs. */
function directedCalls(text: string): DirectedCall[] | null {
  if (/\[\[no-calls\]\]/i.test(text)) return [];
  const found = [...text.matchAll(/\[\[call:([\w.-]+)\s*((?:(?!\]\])[\s\S])*)\]\]/gi)];
  return found.length === 0
    ? null
    : found.map(([, name = '', given = '']) => ({ name, text: given.trim() || '{}' }));
}

/**
 * The directives of a request's last user text. Calls are also directed by system text, so that members of a panel, who are asked the same, can be told to differ.
 */
export function readDirectives(ask: Ask): Directives {
  const text = readFences(lastPrompt(ask)?.text ?? '').outside;
  const status = count(text, 'status', 999);
  return {
    say: /\[\[say:((?:(?!\[\[)[\s\S])*?)\]\]/i.exec(text)?.[1] ?? null,
    status: status !== null && status >= 400 && status <= 599 ? status : null,
    sseLineBytes: count(text, 'sse-line', MOST_LINE_BYTES),
    pieceLength: count(text, 'heavy', 64 * 1024),
    wrongFormat: /\[\[wrong-format\]\]/i.test(text),
    stallAfter: count(text, 'stall', 1e9),
    errorAfter: count(text, 'error-after', 1e9),
    left: leftRequests(text),
    cachedTokens: count(text, 'cached', 1e9) ?? 0,
    promptBlock: /\[\[prompt-block\]\]/i.test(text),
    calls: directedCalls(readFences(ask.system).outside) ?? directedCalls(text),
  };
}
