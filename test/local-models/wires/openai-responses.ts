/** Writes OpenAI responses. https://platform.openai.com/docs/api-reference/responses/object and /responses-streaming */
import type { AnswerPart, JsonObject, Reply } from '../ask.ts';
import { hexDigest } from '../digest.ts';
import { CREATED_AT } from '../models.ts';
import { openaiFault } from './openai-fault.ts';
import { SSE_TYPE, sseFrame, type Wire, type WireEvent } from './wire.ts';

type Status = 'in_progress' | 'completed' | 'incomplete';

function itemId(reply: Reply, part: AnswerPart, index: number): string {
  const prefix = part.kind === 'reasoning' ? 'rs_' : part.kind === 'call' ? 'fc_' : 'msg_';
  return prefix + hexDigest(reply.hash, 'item', String(index)).slice(0, 48);
}

/** A part as an output item: empty while it begins, with `text` when it is done. */
function item(reply: Reply, part: AnswerPart, index: number, status: Status): JsonObject {
  const id = itemId(reply, part, index);
  const text = status === 'in_progress' ? null : part.pieces.join('');
  if (part.kind === 'reasoning') {
    return {
      id,
      type: 'reasoning',
      summary: text !== null && part.shown ? [{ type: 'summary_text', text }] : [],
      ...(reply.ask.echo.encrypted === true
        ? { encrypted_content: Buffer.from(hexDigest(reply.hash, 'encrypted'), 'hex').toString('base64') }
        : {}),
    };
  }
  if (part.kind === 'call')
    return { id, type: 'function_call', status, arguments: text ?? '', call_id: part.id, name: part.name };
  return {
    id,
    type: 'message',
    status,
    role: 'assistant',
    content: text === null ? [] : [contentPart(part.kind, text)],
  };
}

function contentPart(kind: 'text' | 'refusal', text: string): JsonObject {
  return kind === 'text'
    ? { type: 'output_text', annotations: [], logprobs: [], text }
    : { type: 'refusal', refusal: text };
}

/** The status of the part at an index: only the last part of a cut answer is incomplete. */
function partStatus(reply: Reply, index: number): Status {
  const answer = reply.answers[0];
  return answer?.finish === 'length' && index === answer.parts.length - 1 ? 'incomplete' : 'completed';
}

function response(reply: Reply, status: Status): JsonObject {
  const parts = reply.answers[0]?.parts ?? [];
  const { encrypted: _encrypted, ...echo } = reply.ask.echo;
  const done = status !== 'in_progress';
  return {
    id: `resp_${hexDigest(reply.hash, 'response').slice(0, 48)}`,
    object: 'response',
    created_at: CREATED_AT,
    status,
    background: false,
    ...(done ? { completed_at: CREATED_AT } : {}),
    error: null,
    incomplete_details: status === 'incomplete' ? { reason: 'max_output_tokens' } : null,
    model: reply.ask.model,
    output: done ? parts.map((part, index) => item(reply, part, index, partStatus(reply, index))) : [],
    previous_response_id: null,
    service_tier: done ? 'default' : 'auto',
    ...echo,
    usage: done
      ? {
          input_tokens: reply.usage.input,
          input_tokens_details: { cached_tokens: reply.usage.cachedRead, cache_write_tokens: 0 },
          output_tokens: reply.usage.output,
          output_tokens_details: { reasoning_tokens: reply.usage.reasoning },
          total_tokens: reply.usage.input + reply.usage.output,
        }
      : null,
  };
}

type Typed = { type: string; piece?: boolean } & JsonObject;

function* partEvents(reply: Reply, part: AnswerPart, index: number): Generator<Typed> {
  const at = { item_id: itemId(reply, part, index), output_index: index };
  const text = part.pieces.join('');
  yield {
    type: 'response.output_item.added',
    output_index: index,
    item: item(reply, part, index, 'in_progress'),
  };
  if (part.kind === 'reasoning' && part.shown) {
    const where = { ...at, summary_index: 0 };
    yield {
      type: 'response.reasoning_summary_part.added',
      ...where,
      part: { type: 'summary_text', text: '' },
    };
    for (const delta of part.pieces)
      yield { type: 'response.reasoning_summary_text.delta', ...where, delta, piece: true };
    yield { type: 'response.reasoning_summary_text.done', ...where, text };
    yield { type: 'response.reasoning_summary_part.done', ...where, part: { type: 'summary_text', text } };
  } else if (part.kind === 'call') {
    for (const delta of part.pieces)
      yield { type: 'response.function_call_arguments.delta', ...at, delta, piece: true };
    yield { type: 'response.function_call_arguments.done', ...at, name: part.name, arguments: text };
  } else if (part.kind === 'text' || part.kind === 'refusal') {
    const where = { ...at, content_index: 0 };
    yield { type: 'response.content_part.added', ...where, part: contentPart(part.kind, '') };
    for (const delta of part.pieces) {
      if (part.kind === 'text')
        yield { type: 'response.output_text.delta', ...where, delta, logprobs: [], piece: true };
      else yield { type: 'response.refusal.delta', ...where, delta, piece: true };
    }
    if (part.kind === 'text') yield { type: 'response.output_text.done', ...where, text, logprobs: [] };
    else yield { type: 'response.refusal.done', ...where, refusal: text };
    yield { type: 'response.content_part.done', ...where, part: contentPart(part.kind, text) };
  }
  yield {
    type: 'response.output_item.done',
    output_index: index,
    item: item(reply, part, index, partStatus(reply, index)),
  };
}

function* typedEvents(reply: Reply): Generator<Typed> {
  const begun = response(reply, 'in_progress');
  yield { type: 'response.created', response: begun };
  yield { type: 'response.in_progress', response: begun };
  for (const [index, part] of (reply.answers[0]?.parts ?? []).entries())
    yield* partEvents(reply, part, index);
  const status = reply.answers[0]?.finish === 'length' ? 'incomplete' : 'completed';
  yield { type: `response.${status}`, response: response(reply, status) };
}

function* events(reply: Reply): Generator<WireEvent> {
  let sequence = 0;
  for (const { piece, ...event } of typedEvents(reply)) {
    const { type, ...rest } = event;
    yield {
      name: type,
      data: JSON.stringify({ type, sequence_number: sequence++, ...rest }),
      piece: piece === true,
    };
  }
}

export const openaiResponses: Wire = {
  whole: (reply) => response(reply, reply.answers[0]?.finish === 'length' ? 'incomplete' : 'completed'),
  events,
  frame: sseFrame,
  end: () => '',
  streamType: () => SSE_TYPE,
  faultBody: openaiFault,
  faultEvent: (fault) => {
    const { code, message, param } = openaiFault(fault).error;
    return {
      name: 'error',
      data: JSON.stringify({
        type: 'error',
        sequence_number: 0,
        code: code ?? 'server_error',
        message,
        param,
      }),
      piece: false,
    };
  },
};
