import type { CREDIT_LIMIT } from '../../metering/index.ts';
import type { OutputFormat } from '../../providers/index.ts';
import { inForm } from './form.ts';
import type { Merging } from './merging.ts';
import { reply } from './model-reply.ts';
import { retryMessages, synthesisMessages, type WritingNotes } from './prompts.ts';
import { relabel } from './relabel.ts';
import { MAX_PROBLEM } from './structured.ts';

/** Tokens of a written text when the input names no bound; room for a reasoning model. */
export const PROSE_OUTPUT_TOKENS = 8192;

export type Written =
  | { readonly ok: true; readonly content: string; readonly ending?: 'length' | typeof CREDIT_LIMIT }
  | { readonly ok: false; readonly reason: string };

/** Writes the merged text along a judge's notes, if there are any: prose as it streams, or JSON where a form was asked for. */
export async function write(merging: Merging, writing: WritingNotes | null): Promise<Written> {
  const { input, deps, question, panel, prose, notes } = merging;
  if (input.output !== undefined) return writeInForm(merging, input.output, writing);
  const given = await reply(
    deps,
    {
      id: 'write',
      modelId: input.mergeModel,
      purpose: 'merge',
      perspective: null,
      messages: synthesisMessages(question, panel, writing),
      maxTokens: input.maxTokens ?? PROSE_OUTPUT_TOKENS,
    },
    (text) => prose.push(text),
  );
  if (!given.ok) return { ok: false, reason: given.reason };
  if (given.reply.text.trim() === '') return { ok: false, reason: `${input.mergeModel} wrote nothing` };
  const content = relabel(panel, given.reply.text);
  if (given.reply.finishReason !== 'length') return { ok: true, content };
  const { stopReason } = given.reply;
  notes.push(
    stopReason === undefined
      ? 'The synthesis was cut at its token limit.'
      : 'The synthesis was cut: the credit did not reach further.',
  );
  return { ok: true, content, ending: stopReason ?? 'length' };
}

/**
 * The merged answer as JSON of the form that was asked for. It is shown only when it is whole: half of it is no JSON, and what does not fit the form is asked
 * for once more and then given up. A provider that refuses structured output is asked once more without: the prompt says the form too.
 */
async function writeInForm(
  { input, deps, question, panel }: Merging,
  output: OutputFormat,
  writing: WritingNotes | null,
): Promise<Written> {
  const first = synthesisMessages(question, panel, writing, output);
  let messages = first;
  let withOutput = true;
  let reason = '';
  for (let attempt = 1; attempt <= 2; attempt++) {
    const given = await reply(deps, {
      id: `write-${attempt}`,
      modelId: input.mergeModel,
      purpose: 'merge',
      perspective: null,
      messages,
      maxTokens: input.maxTokens ?? PROSE_OUTPUT_TOKENS,
      ...(withOutput ? { output } : {}),
    });
    if (!given.ok) {
      reason = given.reason;
      if (given.kind !== 'invalid_request' || !withOutput) break;
      withOutput = false;
      continue;
    }
    const formed = inForm(given.reply.text, output);
    if (formed.ok) return { ok: true, content: formed.text };
    const problem = formed.problem.slice(0, MAX_PROBLEM);
    reason = `${input.mergeModel} did not write the answer in the form that was asked for (${problem})`;
    messages = retryMessages(first, problem, given.reply.finishReason === 'length');
  }
  return { ok: false, reason };
}
