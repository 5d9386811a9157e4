/** Writes Anthropic messages. https://docs.anthropic.com/en/api/messages and /en/docs/build-with-claude/streaming */
import type { AnswerPart, JsonObject, Reply } from '../ask.ts';
import { hexDigest, idFrom } from '../digest.ts';
import type { Fault } from '../fault.ts';
import { SSE_TYPE, sseFrame, type Wire, type WireEvent } from './wire.ts';

const STOP_REASON = {
  stop: 'end_turn',
  stop_sequence: 'stop_sequence',
  length: 'max_tokens',
  calls: 'tool_use',
  refusal: 'refusal',
} as const;

const ERROR_TYPES: { [status: number]: string } = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

function usageOf(reply: Reply, output: number): JsonObject {
  const { input, cachedRead, cacheWrite, reasoning } = reply.usage;
  return {
    // Anthropic counts what the cache read or wrote apart from the input.
    input_tokens: input - cachedRead - cacheWrite,
    cache_creation_input_tokens: cacheWrite,
    cache_read_input_tokens: cachedRead,
    cache_creation: { ephemeral_5m_input_tokens: cacheWrite, ephemeral_1h_input_tokens: 0 },
    output_tokens: output,
    output_tokens_details: { thinking_tokens: Math.min(reasoning, output) },
    service_tier: 'standard',
  };
}

function signature(reply: Reply): string {
  return Buffer.from(
    hexDigest(reply.hash, 'signature') + hexDigest(reply.hash, 'signature', '2'),
    'hex',
  ).toString('base64');
}

function block(reply: Reply, part: AnswerPart): JsonObject {
  const text = part.pieces.join('');
  switch (part.kind) {
    case 'reasoning':
      return { type: 'thinking', thinking: part.shown ? text : '', signature: signature(reply) };
    case 'call':
      return { type: 'tool_use', id: part.id, name: part.name, input: parsedInput(text) };
    default:
      return { type: 'text', text };
  }
}

/** The arguments of a call; those that `max_tokens` cut in the middle are no JSON, and an empty object stands for them. */
function parsedInput(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** A refusal has no content: the reason is told by `stop_reason` and `stop_details`. */
function shownParts(reply: Reply): AnswerPart[] {
  return (reply.answers[0]?.parts ?? []).filter((part) => part.kind !== 'refusal');
}

function stopFields(reply: Reply): JsonObject {
  const answer = reply.answers[0];
  const explanation = answer?.parts.find((part) => part.kind === 'refusal')?.pieces.join('') ?? null;
  return {
    stop_reason: answer === undefined ? null : STOP_REASON[answer.finish],
    stop_sequence: answer?.stopSequence ?? null,
    stop_details:
      answer?.finish === 'refusal' ? { type: 'refusal', category: 'general_harms', explanation } : null,
  };
}

function head(reply: Reply): JsonObject {
  return {
    id: `msg_01${idFrom(reply.hash, 22)}`,
    type: 'message',
    role: 'assistant',
    model: reply.ask.model,
  };
}

function startBlock(part: AnswerPart): JsonObject {
  if (part.kind === 'reasoning') return { type: 'thinking', thinking: '', signature: '' };
  if (part.kind === 'call') return { type: 'tool_use', id: part.id, name: part.name, input: {} };
  return { type: 'text', text: '' };
}

type Typed = { type: string; piece?: boolean } & JsonObject;

function* blockEvents(reply: Reply, part: AnswerPart, index: number): Generator<Typed> {
  yield { type: 'content_block_start', index, content_block: startBlock(part) };
  if (index === 0) yield { type: 'ping' };
  const delta = (value: JsonObject, piece: boolean): Typed => ({
    type: 'content_block_delta',
    index,
    delta: value,
    piece,
  });
  if (part.kind === 'call') yield delta({ type: 'input_json_delta', partial_json: '' }, false);
  for (const piece of part.pieces) {
    if (part.kind === 'reasoning') {
      if (part.shown) yield delta({ type: 'thinking_delta', thinking: piece }, true);
    } else if (part.kind === 'call') yield delta({ type: 'input_json_delta', partial_json: piece }, true);
    else yield delta({ type: 'text_delta', text: piece }, true);
  }
  if (part.kind === 'reasoning') yield delta({ type: 'signature_delta', signature: signature(reply) }, false);
  yield { type: 'content_block_stop', index };
}

function* typedEvents(reply: Reply): Generator<Typed> {
  const begun = {
    ...head(reply),
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    usage: { ...usageOf(reply, 1), output_tokens_details: { thinking_tokens: 0 } },
  };
  yield { type: 'message_start', message: begun };
  const parts = shownParts(reply);
  if (parts.length === 0) yield { type: 'ping' };
  for (const [index, part] of parts.entries()) yield* blockEvents(reply, part, index);
  const { cache_creation: _creation, service_tier: _tier, ...counts } = usageOf(reply, reply.usage.output);
  yield { type: 'message_delta', delta: stopFields(reply), usage: counts };
  yield { type: 'message_stop' };
}

function* events(reply: Reply): Generator<WireEvent> {
  for (const { piece, ...event } of typedEvents(reply))
    yield { name: event.type, data: JSON.stringify(event), piece: piece === true };
}

function faultBody(fault: Fault, requestId: string): JsonObject {
  const type = ERROR_TYPES[fault.status] ?? (fault.status >= 500 ? 'api_error' : 'invalid_request_error');
  const details = fault.detail === null ? {} : { details: { error_code: fault.detail } };
  return { type: 'error', error: { type, message: fault.message, ...details }, request_id: requestId };
}

export const anthropic: Wire = {
  whole: (reply) => ({
    ...head(reply),
    content: shownParts(reply).map((part) => block(reply, part)),
    ...stopFields(reply),
    usage: usageOf(reply, reply.usage.output),
  }),
  events,
  frame: sseFrame,
  end: () => '',
  streamType: () => SSE_TYPE,
  faultBody,
  faultEvent: (fault, requestId) => ({
    name: 'error',
    data: JSON.stringify(faultBody(fault, requestId)),
    piece: false,
  }),
};
