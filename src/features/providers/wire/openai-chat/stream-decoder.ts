import { MalformedUpstreamError, type StreamDecoder } from '../../codec.ts';
import type { ConversationEvent, JsonObject } from '../../conversation.ts';
import { isObject, malformed, upstreamArray, upstreamJson, upstreamObject, upstreamText } from '../fields.ts';
import { type ChoiceDecoder, choiceDecoder } from './choice-decoder.ts';
import { createdMs } from './decode-response.ts';
import { errorIn, errorInfo } from './errors.ts';
import { decodeUsage } from './usage.ts';

/**
 * Reads a stream of "The chat completion chunk object". Its proper end is `[DONE]`; a stream that closes without it is whole when every
 * choice had its finish reason (Google's and some other servers leave `[DONE]` out), and is cut otherwise.
 */
export function streamDecoder(): StreamDecoder {
  const choices = new Map<number, ChoiceDecoder>();
  let started = false;
  let closed = false;
  let responseId = '';
  let lastUsage = '';

  const start = (chunk: JsonObject, events: ConversationEvent[]): void => {
    started = true;
    responseId = upstreamText(chunk.id, 'id');
    const model = upstreamText(chunk.model, 'model');
    events.push({ type: 'start', id: responseId, model, created: createdMs(chunk.created) });
  };

  const fail = (error: JsonObject): ConversationEvent[] => {
    closed = true;
    return [{ type: 'error', error: errorInfo(error) }];
  };

  const close = (): ConversationEvent[] => {
    closed = true;
    const events: ConversationEvent[] = [];
    for (const choice of choices.values()) choice.close(events);
    events.push({ type: 'end' });
    return events;
  };

  const usage = (value: unknown, events: ConversationEvent[]): void => {
    if (!isObject(value)) return;
    // Some servers repeat it with every chunk.
    const text = JSON.stringify(value);
    if (text === lastUsage) return;
    lastUsage = text;
    events.push({ type: 'usage', usage: decodeUsage(value) });
  };

  const choice = (value: unknown, at: number, events: ConversationEvent[]): JsonObject | undefined => {
    const path = `choices[${at}]`;
    const wire = upstreamObject(value, path);
    if (isObject(wire.error)) return wire.error;
    const index = typeof wire.index === 'number' ? wire.index : at;
    let decoder = choices.get(index);
    if (decoder === undefined) {
      decoder = choiceDecoder(index, responseId);
      choices.set(index, decoder);
    }
    decoder.chunk(wire, path, events);
    if (wire.finish_reason === 'error')
      return { message: 'The provider broke the answer off.', type: 'server_error' };
    if (wire.usage !== undefined) usage(wire.usage, events);
    return undefined;
  };

  return {
    event({ event, data }) {
      if (closed) return [];
      if (data === '[DONE]' || data.trim() === '[DONE]') {
        if (!started) throw new MalformedUpstreamError('the stream ended without an answer');
        return close();
      }
      const chunk = upstreamJson(data);
      if (!Array.isArray(chunk.choices)) {
        const error = errorIn(chunk);
        if (error !== undefined) return fail(error);
        if (isHeartbeat(event)) return [];
        if (!isObject(chunk.usage)) throw malformed('choices', 'is not an array');
      } else if (isObject(chunk.error)) return fail(chunk.error);
      const events: ConversationEvent[] = [];
      const wireChoices = Array.isArray(chunk.choices) ? upstreamArray(chunk.choices, 'choices') : [];
      // Azure begins with a chunk of content-filter results that has neither choices nor an id.
      if (!started && (wireChoices.length > 0 || (typeof chunk.id === 'string' && chunk.id !== '')))
        start(chunk, events);
      for (const [at, value] of wireChoices.entries()) {
        const error = choice(value, at, events);
        if (error !== undefined) return [...events, ...fail(error)];
      }
      usage(chunk.usage ?? (isObject(chunk.x_groq) ? chunk.x_groq.usage : undefined), events);
      return events;
    },
    end() {
      if (closed) return [];
      const whole = choices.size > 0 && [...choices.values()].every((decoder) => decoder.finished);
      if (whole) return close();
      closed = true;
      const message = 'The connection to the provider ended in mid-answer.';
      return [{ type: 'error', error: { kind: 'connection', message } }];
    },
  };
}

/** Events that only keep the connection open, by their names or types. */
export function isHeartbeat(name: string): boolean {
  return /^(?:ping|heart[-_]?beat|keep[-_]?alive)$/i.test(name);
}
