import { type Nano, toUsd } from '../../platform/money.ts';
import {
  type ConversationEvent,
  codecFor,
  type ForwardedStream,
  type JsonObject,
  type TokenUsage,
  type UpstreamErrorInfo,
} from '../providers/index.ts';
import { type AnswerSummary, AnswerTally } from './answer-tally.ts';
import type { ClientCall } from './client-call.ts';
import { errorEvent } from './error-event.ts';
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
  const pass = async (events: readonly ConversationEvent[]) => {
    let text = '';
    for (const event of events) {
      if (event.type === 'error') text += errorEvent(call.surface, event.error, context.requestId);
      else if (event.type === 'start')
        text += encode.event({ ...event, created: event.created || context.now });
      else text += encode.event(event);
    }
    if (text !== '') await writer.write(encoder.encode(text));
  };
  return { body: writer.readable, ended: pump(answer, context, writer, pass) };
}

/**
 * Passes an answer of the client's own format on, event by event as it came, but for the events that tell the usage: these get the cost, and in
 * chat streams, where usage is only for who asked, are left out for the others.
 */
export function annotateStream(answer: ForwardedStream, context: StreamContext): StreamedAnswer {
  const writer = new PacedWriter();
  const cutter = new EventCutter();
  let usage: TokenUsage | null = null;
  const edit = editFor(context, () => usage);
  const pass = async (events: readonly ConversationEvent[]) => {
    let touched = false;
    let error: UpstreamErrorInfo | null = null;
    for (const event of events) {
      if (event.type === 'usage') usage = event.usage;
      if (event.type === 'usage' || event.type === 'end') touched = true;
      if (event.type === 'error') error = event.error;
    }
    for (const bytes of answer.reader.takeBytes()) {
      const whole = cutter.push(bytes);
      if (whole === null) continue;
      if (error !== null) await write(editEvents(decoder.decode(whole), withoutErrors(edit), true));
      else if (touched) await write(editEvents(decoder.decode(whole), edit));
      else await writer.write(whole);
    }
    if (error !== null) await write(errorEvent(context.call.surface, error, context.requestId));
  };
  const write = async (text: string) => {
    if (text !== '') await writer.write(encoder.encode(text));
  };
  return { body: writer.readable, ended: pump(answer, context, writer, pass) };
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
  { watch }: StreamContext,
  writer: PacedWriter,
  pass: (events: readonly ConversationEvent[]) => Promise<void>,
): Promise<AnswerSummary> {
  const tally = new AnswerTally();
  const { reader } = answer;
  do {
    const events = reader.takeEvents();
    tally.add(events);
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
