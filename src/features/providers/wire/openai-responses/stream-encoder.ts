import type { StreamEncoder, StreamEncoderOptions } from '../../codec.ts';
import {
  type ConversationEvent,
  type FinishReason,
  type JsonObject,
  NO_USAGE,
  type TokenUsage,
  type UpstreamErrorInfo,
} from '../../conversation.ts';
import { closingMembers } from '../closing.ts';
import { errorCode } from './errors.ts';
import { type ItemsEncoder, itemsEncoder, type WriteEvent } from './items-encoder.ts';
import { endOf, type ResponseState, responseObject } from './response-object.ts';

/**
 * Writes "Streaming events" of the Responses API: named events with a `sequence_number`, items that are added, filled and done, and the whole
 * response at the end. The format gives one answer, so only choice 0 is said. An error is an `error` event and then `response.failed`.
 */
export function streamEncoder(options: StreamEncoderOptions): StreamEncoder {
  let sequence = 0;
  let id = '';
  let created = 0;
  let started = false;
  let closed = false;
  let usage: TokenUsage = NO_USAGE;
  let reason: FinishReason = 'stop';
  let items: ItemsEncoder | undefined;

  /** `members` is JSON text without braces: all of it but the varying strings is made once an item. */
  const write: WriteEvent = (type, members) =>
    `event: ${type}\ndata: {"type":"${type}","sequence_number":${sequence++},${members}}\n\n`;

  const response = (state: Omit<ResponseState, 'id' | 'created'>): string =>
    `"response":${JSON.stringify(responseObject({ id, created, ...state }, options))}`;

  const begin = (event: { readonly id: string; readonly created: number }): string => {
    started = true;
    ({ id, created } = event);
    const members = response({ status: 'in_progress', output: [] });
    return write('response.created', members) + write('response.in_progress', members);
  };

  const body = (): ItemsEncoder => {
    items ??= itemsEncoder(id, write);
    return items;
  };

  const end = (): string => {
    const state = endOf(reason, body().refused);
    const rest = body().close(state.status === 'completed' ? 'completed' : 'incomplete');
    closed = true;
    const whole = response({ ...state, output: body().output, usage });
    return (
      rest + write(`response.${state.status}`, `${whole.slice(0, -1)}${closingMembers(options, usage)}}`)
    );
  };

  const fail = (error: UpstreamErrorInfo): string => {
    const { message, param = null }: { message: string; param?: string | null } = error;
    const members: JsonObject = { code: errorCode(error), message, param };
    const text = write('error', JSON.stringify(members).slice(1, -1));
    // Items that never ended have no place in it.
    const output = Object.values(body().output);
    closed = true;
    return text + write('response.failed', response({ status: 'failed', output, usage, error }));
  };

  const item = (event: ConversationEvent): string => {
    switch (event.type) {
      case 'text':
        return body().text('output_text', event.text);
      case 'refusal':
        return body().text('refusal', event.text);
      case 'reasoning':
        return body().reasoning(event);
      case 'tool_call_start':
        return body().callStart(event);
      case 'tool_call_arguments':
        return body().callArguments(event.call, event.fragment);
      case 'logprobs':
        return body().logprobs(event.logprobs);
      case 'finish':
        reason = event.reason;
        return '';
      default:
        return '';
    }
  };

  return {
    event(event) {
      if (closed) return '';
      if (event.type === 'start') return started ? '' : begin(event);
      const head = started ? '' : begin({ id: '', created: 0 });
      switch (event.type) {
        case 'usage':
          usage = event.usage;
          return head;
        case 'error':
          return head + fail(event.error);
        case 'end':
          return head + end();
        default:
          return event.choice === 0 ? head + item(event) : head;
      }
    },
  };
}
