import type { StreamDecoder } from '../../codec.ts';
import type { ConversationEvent, JsonObject } from '../../conversation.ts';
import {
  count,
  isObject,
  malformed,
  upstreamJson,
  upstreamObject,
  upstreamString,
  upstreamText,
} from '../fields.ts';
import { isHeartbeat } from '../openai-chat/stream-decoder.ts';
import { finishReason } from './decode-response.ts';
import { errorIn, errorInfo } from './errors.ts';
import { type ItemsDecoder, itemsDecoder } from './items-decoder.ts';
import { decodeUsage } from './usage.ts';

/**
 * Reads a stream of "Streaming events" of the Responses API. Its proper end is `response.completed` or `response.incomplete`; a stream that
 * closes before is cut. Events of the provider's own tools say nothing here.
 */
export function streamDecoder(): StreamDecoder {
  const items: ItemsDecoder = itemsDecoder();
  let started = false;
  let closed = false;

  const start = (response: JsonObject, events: ConversationEvent[]): void => {
    if (started) return;
    started = true;
    events.push({
      type: 'start',
      id: upstreamText(response.id, 'response.id'),
      model: upstreamText(response.model, 'response.model'),
      created: count(response.created_at) * 1_000,
    });
  };

  const finish = (response: JsonObject, events: ConversationEvent[]): void => {
    closed = true;
    items.close(events);
    if (isObject(response.usage)) events.push({ type: 'usage', usage: decodeUsage(response.usage) });
    const reason = finishReason(response, items);
    events.push({ type: 'finish', choice: 0, reason }, { type: 'end' });
  };

  const fail = (error: JsonObject | undefined, events: ConversationEvent[]): void => {
    closed = true;
    events.push({ type: 'error', error: errorInfo(error ?? {}) });
  };

  const read = (type: string, data: JsonObject, events: ConversationEvent[]): void => {
    switch (type) {
      case 'response.created':
      case 'response.queued':
      case 'response.in_progress':
        start(upstreamObject(data.response, 'response'), events);
        return;
      case 'response.completed':
      case 'response.incomplete': {
        const response = upstreamObject(data.response, 'response');
        start(response, events);
        // Servers differ in whether `incomplete` is said in the event or in the object.
        finish(
          type === 'response.incomplete' ? { ...response, status: 'incomplete' } : complete(response),
          events,
        );
        return;
      }
      case 'response.failed':
      case 'response.cancelled': {
        const response = upstreamObject(data.response, 'response');
        fail(
          isObject(response.error) ? response.error : { message: 'The provider broke the answer off.' },
          events,
        );
        return;
      }
      case 'error':
        fail(errorIn(data), events);
        return;
      default:
        if (isHeartbeat(type)) return;
        if (!type.startsWith('response.')) throw malformed('type', 'is not an event of the format');
        start({}, events);
        items.event(type, data, events);
    }
  };

  return {
    event({ event, data }) {
      if (closed || data === '[DONE]') return [];
      const body = upstreamJson(data);
      const events: ConversationEvent[] = [];
      if (body.type === undefined && event === 'message') {
        // Neither a type nor a name: an error in the shape of a plain answer, or nothing of this format.
        const error = errorIn(body);
        if (error === undefined) upstreamString(body.type, 'type');
        fail(error, events);
      } else read(body.type === undefined ? event : upstreamString(body.type, 'type'), body, events);
      return events;
    },
    end() {
      if (closed) return [];
      closed = true;
      const message = 'The connection to the provider ended in mid-answer.';
      return [{ type: 'error', error: { kind: 'connection', message } }];
    },
  };
}

/** The object of `response.completed`, whose status some servers leave at what it was when they began. */
function complete(response: JsonObject): JsonObject {
  return response.status === 'incomplete' ? response : { ...response, status: 'completed' };
}
