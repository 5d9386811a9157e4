import type { z } from 'zod';
import type { Message } from '../../providers/index.ts';
import { wireSchema } from './judgement.ts';
import type { MergeDeps, MergeReply } from './merge-input.ts';
import { reply } from './model-reply.ts';
import { retryMessages } from './prompts.ts';
import { jsonCandidates } from './read-json.ts';
import { StreamedField } from './streamed-field.ts';

/** Tokens of a structured answer at most, the thinking of a reasoning model included. */
export const STRUCTURED_OUTPUT_TOKENS = 8192;
/** Characters of prose from which on a broken-off answer is worth keeping. */
export const WORTH_KEEPING = 200;
/** Characters of what is said about an answer that could not be used. */
export const MAX_PROBLEM = 600;

export interface StructuredCall<T> {
  /** Prefix of the calls' ids: `judge` gives `judge-1` and, after an answer that could not be used, `judge-2`. */
  readonly id: string;
  readonly modelId: string;
  /** Name of the JSON schema on the wire. */
  readonly name: string;
  readonly messages: readonly Message[];
  readonly schema: z.ZodType<T>;
}

/** A text member of the answer, its last, that is shown while it is written. */
export interface ShownField {
  readonly field: string;
  readonly onText: (text: string) => void;
}

export type Structured<T> =
  | { readonly ok: true; readonly value: T; readonly brokenOff: boolean }
  | { readonly ok: false; readonly why: 'unreadable' | 'unavailable'; readonly reason: string };

/**
 * Asks for JSON of a schema. The answer is read leniently and validated; one that cannot be used is asked for once more, with what was wrong
 * with it. A provider that refuses structured output is asked once more without: the prompt says the form too. When `shown` is given, its text is
 * passed on as it streams, but only once everything before it has proved valid; an answer that then breaks off is kept as far as it goes.
 */
export async function askStructured<T>(
  deps: MergeDeps,
  call: StructuredCall<T>,
  shown?: ShownField,
): Promise<Structured<T>> {
  const output = {
    kind: 'json_schema',
    name: call.name,
    schema: wireSchema(call.schema),
    strict: true,
  } as const;
  let messages = call.messages;
  let withOutput = true;
  let anyShown = false;
  let kept: T | null = null;
  let failure: Structured<T> = { ok: false, why: 'unreadable', reason: '' };
  for (let attempt = 1; attempt <= 2; attempt++) {
    const watch: ShownWatch<T> | null =
      shown === undefined
        ? null
        : new ShownWatch(call.schema, anyShown ? { ...shown, onText: ignore } : shown);
    const given = await reply(
      deps,
      {
        id: `${call.id}-${attempt}`,
        modelId: call.modelId,
        purpose: 'merge',
        perspective: null,
        messages,
        maxTokens: STRUCTURED_OUTPUT_TOKENS,
        ...(withOutput ? { output } : {}),
      },
      watch === null ? undefined : (text) => watch.push(text),
    );
    if (!given.ok) {
      const partly = watch?.salvage() ?? kept;
      if (partly !== null) return { ok: true, value: partly, brokenOff: true };
      failure = { ok: false, why: 'unavailable', reason: given.reason };
      if (given.kind !== 'invalid_request' || !withOutput) return failure;
      withOutput = false;
      continue;
    }
    const read = readAs(call.schema, given.reply);
    if (read.ok) return { ok: true, value: read.value, brokenOff: false };
    const salvaged = watch?.salvage(given.reply.text) ?? null;
    anyShown ||= watch?.showing === true;
    if (salvaged !== null && anyShown) return { ok: true, value: salvaged, brokenOff: true };
    kept = salvaged ?? kept;
    failure = {
      ok: false,
      why: 'unreadable',
      reason: `${call.modelId} did not answer in the form that was asked for (${read.problem})`,
    };
    messages = retryMessages(call.messages, read.problem, given.reply.finishReason === 'length');
  }
  return kept === null ? failure : { ok: true, value: kept, brokenOff: true };
}

/** What a second answer is shown to, when a first had begun to be shown: pieces of two texts make none. */
function ignore(): void {
  return;
}

function readAs<T>(
  schema: z.ZodType<T>,
  { text }: MergeReply,
): { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string } {
  let problem = text.trim() === '' ? 'it was empty' : 'it was not a JSON object';
  let first = true;
  for (const candidate of jsonCandidates(text)) {
    const result = schema.safeParse(candidate);
    if (result.success) return { ok: true, value: result.data };
    if (first) problem = issuesText(result.error.issues);
    first = false;
  }
  return { ok: false, problem };
}

function issuesText(issues: readonly z.core.$ZodIssue[]): string {
  return issues
    .slice(0, 6)
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
    .join('; ')
    .slice(0, MAX_PROBLEM);
}

/** Follows a streaming answer and shows one of its members, if what came before it is valid. */
class ShownWatch<T> {
  showing = false;
  readonly #schema: z.ZodType<T>;
  readonly #shown: ShownField;
  #field: StreamedField;
  #decided = false;

  constructor(schema: z.ZodType<T>, shown: ShownField) {
    this.#schema = schema;
    this.#shown = shown;
    this.#field = new StreamedField(shown.field);
  }

  push(text: string): void {
    const added = this.#field.push(text);
    if (!this.#decided && this.#field.prefix !== null) {
      this.#decided = true;
      this.showing = this.#with('–') !== null;
    }
    if (this.showing && added !== '') this.#shown.onText(added);
  }

  /** The answer as far as it came, when that is worth keeping. `whole` is the reply, where it was not streamed. */
  salvage(whole?: string): T | null {
    if (this.#field.prefix === null && whole !== undefined) {
      this.#field = new StreamedField(this.#shown.field);
      this.#field.push(whole);
    }
    const said = this.#field.value.trim();
    return said.length < WORTH_KEEPING ? null : this.#with(this.#field.value);
  }

  #with(said: string): T | null {
    const { prefix } = this.#field;
    if (prefix === null) return null;
    for (const candidate of jsonCandidates(`${prefix}${JSON.stringify(said)}}`)) {
      const result = this.#schema.safeParse(candidate);
      if (result.success) return result.data;
    }
    return null;
  }
}
