import { type Nano, toUsd } from '../../platform/money.ts';
import type { TokenCount } from '../../platform/tokens.ts';
import { type AnswerLimit, CREDIT_ENDED, countSaid, producedUsage } from '../metering/index.ts';
import {
  type ConversationEvent,
  codecFor,
  type ForwardedStream,
  type JsonObject,
  type TokenUsage,
  type UpstreamErrorInfo,
  type WireFormat,
} from '../providers/index.ts';
import { type AnswerSummary, AnswerTally } from './answer-tally.ts';
import type { ClientCall } from './client-call.ts';
import { markedEvents } from './credit-limit.ts';
import { errorEvent } from './error-event.ts';
import { endingOf, eventsWithin } from './own-ending.ts';
import { PacedWriter } from './paced-writer.ts';
import { EventCutter, type EventEdit, editEvents } from './stream-edit.ts';

/** What the streams of one call need besides the answer. */
export interface StreamContext {
  readonly call: ClientCall;
  readonly requestId: string;
  /** Milliseconds: when an answer was made whose format does not say. */
  readonly now: number;
  /** What so much usage costs; null where no price is known. */
  readonly cost: (usage: TokenUsage) => Nano | null;
  /** What credit lets it cost; null where no credit pays it. */
  readonly limit: AnswerLimit | null;
  /** Sees every event that passes, in order. */
  readonly watch?: (events: readonly ConversationEvent[]) => void;
}

/** A stream under way to the client, and what it comes to in the end. */
export interface StreamedAnswer {
  readonly body: ReadableStream<Uint8Array>;
  /** Resolves when the answer has ended, whatever way. Never rejects. */
  readonly ended: Promise<AnswerSummary>;
}

/** The member that tells the cost where a stream tells its usage: headers have left by then, and trailers reach nobody. */
export const COST_MEMBER = 'x-parallax-cost-usd';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** One way to pass an answer on. */
interface Passing {
  readonly writer: PacedWriter;
  /** Passes on what has come. */
  readonly pass: (events: readonly ConversationEvent[]) => Promise<void>;
  /** Passes on of what has come last what stays within so many tokens, and ends the answer properly. Returns what it had said in the end. */
  readonly end: (last: LastPiece) => Promise<TokenCount>;
}

/** The piece of an answer in which it reaches its limit. */
interface LastPiece {
  readonly events: readonly ConversationEvent[];
  /** What had been said before it. */
  readonly said: TokenCount;
  /** Tokens that may be said in all. */
  readonly most: number;
  /** Answers that have not ended before it, by their numbers. */
  readonly open: readonly number[];
  /** What is reported as used, by what was said. */
  readonly usage: (said: TokenCount) => TokenUsage;
}

/** Writes an answer of another format in the client's own: every event is decoded and encoded anew. */
export function translateStream(answer: ForwardedStream, context: StreamContext): StreamedAnswer {
  const { call } = context;
  const writer = new PacedWriter();
  const encode = codecFor(call.surface.format).streamEncoder({
    model: answer.target.modelId,
    includeUsage: call.wantsUsage,
    request: call.neutral().request,
    closing: (usage) => costMember(context, usage),
  });
  const textOf = (events: readonly ConversationEvent[]) => {
    let text = '';
    for (const event of events) {
      if (event.type === 'error') text += errorEvent(call.surface, event.error, context.requestId);
      else if (event.type === 'start')
        text += encode.event({ ...event, created: event.created || context.now });
      else text += encode.event(event);
    }
    return text;
  };
  const write = async (text: string) => {
    if (text !== '') await writer.write(encoder.encode(text));
  };
  const end = async ({ events, said, most, open, usage }: LastPiece) => {
    const fitting: ConversationEvent[] = [];
    let count = said;
    for (const event of events) {
      const next = count.copy();
      countSaid(event, next);
      if (next.tokens > most || ENDINGS.has(event.type)) break;
      count = next;
      if (event.type !== 'usage') fitting.push(event);
    }
    const closing: ConversationEvent[] = [
      ...open.map((choice) => ({ type: 'finish', choice, reason: 'length' }) as const),
      { type: 'usage', usage: usage(count) },
      { type: 'end' },
    ];
    await write(textOf(fitting) + markedEvents(textOf(closing)));
    return count;
  };
  const passing = { writer, pass: (events: readonly ConversationEvent[]) => write(textOf(events)), end };
  return { body: writer.readable, ended: pump(answer, context, passing) };
}

/** Events of which none passes of an answer that is ended earlier. */
const ENDINGS: ReadonlySet<ConversationEvent['type']> = new Set(['finish', 'error', 'end']);

/**
 * Passes an answer of the client's own format on, event by event as it came, but for the events that tell the usage: these get the cost, and in
 * chat streams, where usage is only for who asked, are left out for the others. An `exact` answer keeps these too as they came.
 */
export function annotateStream(
  answer: ForwardedStream,
  context: StreamContext,
  exact = false,
): StreamedAnswer {
  const { call, limit } = context;
  const { format } = call.surface;
  const writer = new PacedWriter();
  const cutter = new EventCutter();
  let usage: TokenUsage | null = null;
  let start: Extract<ConversationEvent, { type: 'start' }> = {
    type: 'start',
    id: '',
    model: answer.target.modelId,
    created: context.now,
  };
  const passed = new PassedBytes(limit === null ? 0 : KEPT_PIECES[format]);
  const edit = exact ? same : editFor(context, () => usage);
  const pass = async (events: readonly ConversationEvent[]) => {
    let touched = false;
    let error: UpstreamErrorInfo | null = null;
    for (const event of events) {
      if (event.type === 'usage') usage = event.usage;
      if (event.type === 'start') start = event;
      if (event.type === 'usage' || event.type === 'end') touched = !exact;
      if (event.type === 'error') error = event.error;
    }
    for (const bytes of answer.reader.takeBytes()) {
      const whole = cutter.push(bytes);
      if (whole === null) continue;
      passed.add(whole);
      if (error !== null) await write(editEvents(decoder.decode(whole), withoutErrors(edit), true));
      else if (touched) await write(editEvents(decoder.decode(whole), edit));
      else await writer.write(whole);
    }
    if (error !== null) await write(errorEvent(call.surface, error, context.requestId));
  };
  const end = async (last: LastPiece) => {
    for (const event of last.events) if (event.type === 'start') start = event;
    let whole = '';
    for (const bytes of answer.reader.takeBytes()) {
      const events = cutter.push(bytes);
      if (events !== null) whole += decoder.decode(events);
    }
    const { text, said } = eventsWithin(whole, format, last.said, last.most);
    usage = last.usage(said);
    const ending = endingOf({
      format,
      start,
      passed: passed.text() + text,
      open: last.open,
      includeUsage: call.wantsUsage || exact,
      usage,
    });
    await write(text + markedEvents(editEvents(ending, edit)));
    return said;
  };
  const write = async (text: string) => {
    if (text !== '') await writer.write(encoder.encode(text));
  };
  return { body: writer.readable, ended: pump(answer, context, { writer, pass, end }) };
}

const same: EventEdit = (data) => data;

/**
 * How much of what was passed on is kept to end an answer by: a response is told whole at its end, a message is ended by what its last events say, a chat by
 * none. Pieces as they came.
 */
const KEPT_PIECES: Readonly<Record<WireFormat, number>> = {
  'openai-chat': 0,
  'openai-responses': Number.POSITIVE_INFINITY,
  'anthropic-messages': 8,
  gemini: 0,
};

/** The latest bytes that were passed on. */
class PassedBytes {
  readonly #most: number;
  #pieces: Uint8Array[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  add(bytes: Uint8Array): void {
    if (this.#most === 0) return;
    this.#pieces.push(bytes);
    if (this.#pieces.length > 2 * this.#most) this.#pieces = this.#pieces.slice(-this.#most);
  }

  text(): string {
    return this.#pieces.map((bytes) => decoder.decode(bytes)).join('');
  }
}

/** What came before an error goes on; the provider's own words for the error, in whatever form, do not. */
function withoutErrors(edit: EventEdit): EventEdit {
  return (data) => {
    const failed = (data.error !== undefined && data.error !== null) || data.type === 'error';
    return failed || data.type === 'response.failed' ? null : edit(data);
  };
}

/** Reads an answer to its end, passing on what comes; the provider is read no faster than the client reads. Never rejects. */
async function pump(
  answer: ForwardedStream,
  { watch, limit, call }: StreamContext,
  { writer, pass, end }: Passing,
): Promise<AnswerSummary> {
  const tally = new AnswerTally();
  const { reader } = answer;
  const finished = new Set<number>();
  do {
    const events = reader.takeEvents();
    if (limit !== null) {
      const before = { said: tally.said.copy(), reported: tally.reported };
      tally.add(events);
      if (tally.reported !== null && before.reported === null) limit.reported(tally.reported);
      const admitted = limit.admits(tally.said.tokens);
      if (admitted !== true && !(await admitted)) {
        // The provider is told to stop; what the client gets of its last piece is what credit pays.
        const last = {
          events,
          said: before.said,
          most: limit.most,
          open: Array.from({ length: call.choices }, (_, at) => at).filter((at) => !finished.has(at)),
          usage: (said: TokenCount) => usedUntil(said, before.reported, call),
        };
        const said = await end(last);
        await reader.return();
        await writer.close();
        return { reported: before.reported, saidTokens: said.tokens, whole: false, error: CREDIT_ENDED };
      }
    } else tally.add(events);
    for (const event of events) if (event.type === 'finish') finished.add(event.choice);
    watch?.(events);
    await pass(events);
    if (writer.gone) {
      // Nobody reads any more: the provider is told to stop, and what it has produced is what it is paid for.
      await reader.return();
      return { ...tally.summary(), error: tally.summary().error ?? CLIENT_GONE };
    }
  } while (await reader.more());
  await writer.close();
  return tally.summary();
}

/** What an answer that is ended here is charged for. */
function usedUntil(said: TokenCount, reported: TokenUsage | null, { inputTokens }: ClientCall): TokenUsage {
  return producedUsage({
    reported,
    saidTokens: said.tokens,
    whole: false,
    promptTokens: () => inputTokens,
  }).usage;
}

/** The client went away in the middle. */
export const CLIENT_GONE = {
  kind: 'connection',
  code: 'cancelled',
  message: 'The client went away.',
} as const;

function editFor({ call, ...context }: StreamContext, usage: () => TokenUsage | null): EventEdit {
  const annotate = (data: JsonObject): JsonObject => {
    const known = usage();
    return known === null ? data : { ...data, ...costMember({ call, ...context }, known) };
  };
  switch (call.surface.feature) {
    case 'chat':
      return (data) => {
        if (typeof data.usage !== 'object' || data.usage === null) return data;
        if (call.wantsUsage) return annotate(data);
        return Array.isArray(data.choices) && data.choices.length === 0 ? null : data;
      };
    case 'messages':
      return (data) => (data.type === 'message_delta' ? annotate(data) : data);
    case 'responses':
      return (data) =>
        typeof data.type === 'string' &&
        /^response\.(?:completed|incomplete)$/.test(data.type) &&
        typeof data.response === 'object' &&
        data.response !== null
          ? { ...data, response: annotate(data.response as JsonObject) }
          : data;
  }
}

function costMember({ cost }: StreamContext, usage: TokenUsage): JsonObject {
  const amount = cost(usage);
  return amount === null ? {} : { [COST_MEMBER]: toUsd(amount) };
}
