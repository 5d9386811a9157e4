import type { ConversationEvent, FinishReason, JsonObject } from '../../conversation.ts';
import { isObject, malformed, upstreamArray, upstreamObject, upstreamText } from '../fields.ts';
import { signatureOf } from './decode-messages.ts';
import { argumentsText, contentParts, stopSequenceOf, synthesizedCallId } from './decode-response.ts';
import { decodeFinishReason } from './finish-reason.ts';
import { type ReasoningPiece, reasoningPieces } from './reasoning.ts';

/** Reads the deltas of one choice of a stream. */
export interface ChoiceDecoder {
  /** Whether the provider has said why the choice ended. */
  readonly finished: boolean;
  chunk(choice: JsonObject, path: string, events: ConversationEvent[]): void;
  /** Gives the choice's one `finish`, and what is owed before it. */
  close(events: ConversationEvent[]): void;
}

interface Call {
  readonly number: number;
  id: string;
  name: string;
  /** Whether `tool_call_start` was given; it waits for the name. */
  started: boolean;
  /** Arguments that came before the name. */
  held: string;
  wroteArguments: boolean;
  readonly custom: boolean;
  signature?: string;
}

/**
 * "The chat completion chunk object", and what servers make of it: tool-call deltas without an index, or all with index 0; the id or the whole
 * call repeated; ids missing; contents as arrays; a finish reason on several chunks. The finish waits for the end of the stream, because
 * some servers say it and go on.
 */
export function choiceDecoder(index: number, responseId: string): ChoiceDecoder {
  const calls: Call[] = [];
  const callOfIndex = new Map<number, Call>();
  const blockOfIndex = new Map<number, number>();
  let blocks = 0;
  let thinking = false;
  let wireReason: unknown;
  let stopSequence: string | undefined;
  let finished = false;
  let refused = false;

  const reasoning = (piece: ReasoningPiece, events: ConversationEvent[]): void => {
    const { index: wireIndex, ...rest } = piece;
    let block = wireIndex === undefined ? undefined : blockOfIndex.get(wireIndex);
    if (block === undefined) {
      const goesOn = thinking && (wireIndex === undefined || wireIndex === blocks - 1);
      if (!goesOn) blocks += 1;
      block = blocks - 1;
      if (wireIndex !== undefined) blockOfIndex.set(wireIndex, block);
    }
    thinking = true;
    events.push({ type: 'reasoning', choice: index, block, ...rest });
  };

  const text = (type: 'text' | 'refusal', value: string, events: ConversationEvent[]): void => {
    if (value === '') return;
    thinking = false;
    if (type === 'refusal') refused = true;
    events.push({ type, choice: index, text: value });
  };

  const callFor = (delta: JsonObject, path: string): Call => {
    const id = upstreamText(delta.id, `${path}.id`);
    const wireIndex = typeof delta.index === 'number' ? delta.index : undefined;
    const known = wireIndex === undefined ? calls.at(-1) : callOfIndex.get(wireIndex);
    if (known !== undefined && !begins(delta, known, id, wireIndex)) {
      if (known.id === '') known.id = id;
      return known;
    }
    const call: Call = {
      number: calls.length,
      id,
      name: '',
      started: false,
      held: '',
      wroteArguments: false,
      custom: delta.type === 'custom' || isObject(delta.custom),
    };
    calls.push(call);
    if (wireIndex !== undefined) callOfIndex.set(wireIndex, call);
    return call;
  };

  const write = (call: Call, fragment: string, events: ConversationEvent[]): void => {
    if (fragment === '') return;
    call.wroteArguments = true;
    events.push({ type: 'tool_call_arguments', choice: index, call: call.number, fragment });
  };

  const start = (call: Call, events: ConversationEvent[]): void => {
    call.started = true;
    if (call.id === '') call.id = synthesizedCallId(responseId, index, call.number);
    events.push({
      type: 'tool_call_start',
      choice: index,
      call: call.number,
      id: call.id,
      name: call.name,
      ...(call.signature === undefined ? {} : { signature: call.signature }),
    });
    // A custom tool's free text becomes the one argument `input` of a function.
    if (call.custom) write(call, '{"input":"', events);
    write(call, call.held, events);
    call.held = '';
  };

  const toolCall = (delta: JsonObject, path: string, events: ConversationEvent[]): void => {
    thinking = false;
    const call = callFor(delta, path);
    const signature = signatureOf(delta).signature;
    if (signature !== undefined) call.signature = signature;
    const body = call.custom ? delta.custom : delta.function;
    const called = body === undefined || body === null ? {} : upstreamObject(body, `${path}.function`);
    if (call.name === '') call.name = upstreamText(called.name, `${path}.function.name`);
    const fragment = call.custom
      ? JSON.stringify(upstreamText(called.input, `${path}.custom.input`)).slice(1, -1)
      : argumentsText(called.arguments, `${path}.function.arguments`);
    if (call.started) write(call, fragment, events);
    else {
      call.held += fragment;
      if (call.name !== '') start(call, events);
    }
  };

  const delta = (value: JsonObject, path: string, events: ConversationEvent[]): void => {
    for (const piece of reasoningPieces(value)) reasoning(piece, events);
    if (typeof value.content === 'string') text('text', value.content, events);
    else
      for (const part of contentParts(value.content, `${path}.content`)) {
        if (part.type === 'text' || part.type === 'refusal') text(part.type, part.text, events);
        else if (part.type === 'reasoning') reasoning({ text: part.text }, events);
      }
    text('refusal', upstreamText(value.refusal, `${path}.refusal`), events);
    // Audio streams say their text as a transcript; the neutral stream carries no sound.
    if (isObject(value.audio))
      text('text', upstreamText(value.audio.transcript, `${path}.audio.transcript`), events);
    if (value.tool_calls !== undefined && value.tool_calls !== null)
      for (const [at, item] of upstreamArray(value.tool_calls, `${path}.tool_calls`).entries())
        toolCall(upstreamObject(item, `${path}.tool_calls[${at}]`), `${path}.tool_calls[${at}]`, events);
  };

  return {
    get finished() {
      return finished;
    },
    chunk(choice, path, events) {
      if (choice.delta !== undefined && choice.delta !== null)
        delta(upstreamObject(choice.delta, `${path}.delta`), `${path}.delta`, events);
      const { logprobs } = choice;
      if (isObject(logprobs) && (hasEntries(logprobs.content) || hasEntries(logprobs.refusal)))
        events.push({ type: 'logprobs', choice: index, logprobs });
      if (typeof choice.finish_reason === 'string' && choice.finish_reason !== '') {
        finished = true;
        wireReason = choice.finish_reason;
        stopSequence = stopSequenceOf(choice);
      }
    },
    close(events) {
      for (const call of calls) {
        if (!call.started) throw malformed(`choices[${index}].delta.tool_calls`, 'has a call without a name');
        if (call.custom) write(call, '"}', events);
        else if (!call.wroteArguments) write(call, '{}', events);
      }
      const reason: FinishReason = decodeFinishReason(wireReason, { calledTools: calls.length > 0, refused });
      const sequence = reason === 'stop' ? stopSequence : undefined;
      events.push({
        type: 'finish',
        choice: index,
        reason: sequence === undefined ? reason : 'stop_sequence',
        ...(sequence === undefined ? {} : { stopSequence: sequence }),
      });
    },
  };
}

/**
 * Whether a delta begins another call than the one known under its index. Some servers number every call 0 and tell them apart by their
 * ids; some number nothing and give whole calls. A new call has a name; an id that changes without one is only noise.
 */
function begins(delta: JsonObject, known: Call, id: string, wireIndex: number | undefined): boolean {
  const body = isObject(delta.custom) ? delta.custom : delta.function;
  const name = isObject(body) ? body.name : undefined;
  if (typeof name !== 'string' || name === '') return false;
  if (id !== '' && known.id !== '') return id !== known.id;
  return wireIndex === undefined && known.name !== '' && name !== known.name;
}

function hasEntries(list: unknown): boolean {
  return Array.isArray(list) && list.length > 0;
}
