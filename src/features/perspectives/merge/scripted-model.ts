/** For tests: a model of a merge whose answers are a function of what it is asked, and a record of all that was asked. */
import { ModelCallError, type UpstreamErrorKind } from '../../providers/index.ts';
import type { MergeAnswer, MergeCall, MergeDeps, MergeReply } from './merge-input.ts';

export type Scripted = string | { readonly fails: UpstreamErrorKind } | MergeReply;

export interface ScriptedModel {
  readonly deps: MergeDeps;
  readonly calls: MergeCall[];
  readonly deltas: string[];
}

/**
 * Dependencies whose calls are answered by `script`. With `pieces` they stream, in pieces of so many characters; `cutAfter` breaks a
 * stream off after so many.
 */
export function scriptedModel(
  script: (call: MergeCall) => Scripted,
  options: { readonly pieces?: number; readonly cutAfter?: number } = {},
): ScriptedModel {
  const calls: MergeCall[] = [];
  const deltas: string[] = [];
  const answer = async (call: MergeCall): Promise<MergeReply> => {
    calls.push(call);
    const given = script(call);
    if (typeof given === 'string') return { text: given, finishReason: 'stop' };
    if ('fails' in given) throw new ModelCallError({ kind: given.fails, message: 'scripted' }, []);
    return given;
  };
  const { pieces, cutAfter } = options;
  const stream = async (call: MergeCall, onText: (text: string) => void): Promise<MergeReply> => {
    const reply = await answer(call);
    const whole = reply.text.slice(0, cutAfter);
    for (let at = 0; at < whole.length; at += pieces ?? 1) onText(whole.slice(at, at + (pieces ?? 1)));
    if (whole.length < reply.text.length)
      throw new ModelCallError({ kind: 'connection', message: 'cut' }, []);
    return reply;
  };
  return {
    calls,
    deltas,
    deps: {
      ask: answer,
      ...(pieces === undefined ? {} : { stream }),
      onDelta: (text) => deltas.push(text),
    },
  };
}

/** Answers of models `m/0`, `m/1`, … with these texts. */
export function answersOf(...texts: readonly string[]): MergeAnswer[] {
  return texts.map((content, index) => ({ index, modelId: `m/${index}`, content }));
}

/** All that a call reads, as one text. */
export function promptOf(call: MergeCall): string {
  return call.messages
    .flatMap((message) => message.parts.map((part) => (part.type === 'text' ? part.text : '')))
    .join('\n\n');
}

/** The answers in a prompt, by label: what a judge sees between the fences. */
export function answersIn(call: MergeCall): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, label, text] of promptOf(call).matchAll(
    /<data label="answer ([A-Z]+)">\n([\s\S]*?)\n<\/data>/g,
  ))
    found.set(label ?? '', text ?? '');
  return found;
}

/** A row of scores, all criteria alike, 0 to 10. */
export function scoreRow(label: string, value: number) {
  return {
    label,
    reason: 'scripted',
    accuracy: value,
    relevance: value,
    completeness: value,
    clarity: value,
  };
}
