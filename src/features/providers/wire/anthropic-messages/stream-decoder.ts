import type { StreamDecoder } from '../../codec.ts';
import type { ConversationEvent, JsonObject } from '../../conversation.ts';
import {
  isObject,
  malformed,
  upstreamJson,
  upstreamObject,
  upstreamString,
  upstreamText,
} from '../fields.ts';
import { upstreamJsonText } from '../json-text.ts';
import { unpackedState } from '../thought-state.ts';
import { errorInfo } from './errors.ts';
import { refusalExplanation } from './response.ts';
import { decodeStopReason } from './stop-reason.ts';
import { decodeUsage } from './usage.ts';

type OpenBlock =
  | { readonly kind: 'text' }
  | { readonly kind: 'reasoning'; readonly block: number }
  | { readonly kind: 'call'; readonly call: number; wrote: boolean; readonly input: string }
  /** A block of Anthropic's own tools, passed over. */
  | { readonly kind: 'other' };

/**
 * Reads a stream of the Messages API ("Streaming Messages"): `message_start`, blocks of start, deltas and stop, `message_delta`, `message_stop`.
 * Event and delta types that are unknown are passed over, as the API's versioning page asks. Usage comes at the start and at the end.
 */
export function streamDecoder(): StreamDecoder {
  const blocks = new Map<number, OpenBlock>();
  let usage: JsonObject = {};
  let calls = 0;
  let reasonings = 0;
  let started = false;
  let finished = false;
  let ended = false;

  const start = (data: JsonObject): ConversationEvent[] => {
    const message = upstreamObject(data.message, 'message');
    started = true;
    const read = decodeUsage(message.usage);
    usage = read.wire;
    return [
      {
        type: 'start',
        id: upstreamText(message.id, 'message.id'),
        model: upstreamText(message.model, 'message.model'),
        created: 0,
      },
      { type: 'usage', usage: read.usage },
    ];
  };

  const blockStart = (data: JsonObject): ConversationEvent[] => {
    const index = blockIndex(data);
    const block = upstreamObject(data.content_block, 'content_block');
    switch (block.type) {
      case 'text': {
        blocks.set(index, { kind: 'text' });
        const text = upstreamText(block.text, 'content_block.text');
        return text === '' ? [] : [{ type: 'text', choice: 0, text }];
      }
      case 'thinking': {
        const number = reasonings++;
        blocks.set(index, { kind: 'reasoning', block: number });
        const text = upstreamText(block.thinking, 'content_block.thinking');
        const signature = upstreamText(block.signature, 'content_block.signature');
        if (text === '' && signature === '') return [];
        return [{ type: 'reasoning', choice: 0, block: number, text, ...unpackedState(signature) }];
      }
      case 'redacted_thinking': {
        blocks.set(index, { kind: 'other' });
        const encrypted = upstreamString(block.data, 'content_block.data');
        return [{ type: 'reasoning', choice: 0, block: reasonings++, text: '', encrypted }];
      }
      case 'tool_use': {
        const call = calls++;
        const whole = isObject(block.input) && Object.keys(block.input).length > 0;
        blocks.set(index, {
          kind: 'call',
          call,
          wrote: false,
          input: whole ? upstreamJsonText(block.input, 'content_block.input') : '{}',
        });
        return [
          {
            type: 'tool_call_start',
            choice: 0,
            call,
            id: upstreamString(block.id, 'content_block.id'),
            name: upstreamString(block.name, 'content_block.name'),
          },
        ];
      }
      default:
        blocks.set(index, { kind: 'other' });
        return [];
    }
  };

  const blockDelta = (data: JsonObject): ConversationEvent[] => {
    const open = blocks.get(blockIndex(data));
    if (open === undefined) throw malformed('index', 'names a content block that was not started');
    const delta = upstreamObject(data.delta, 'delta');
    if (open.kind === 'text' && delta.type === 'text_delta') {
      const text = upstreamString(delta.text, 'delta.text');
      return text === '' ? [] : [{ type: 'text', choice: 0, text }];
    }
    if (open.kind === 'call' && delta.type === 'input_json_delta') {
      const fragment = upstreamString(delta.partial_json, 'delta.partial_json');
      if (fragment === '') return [];
      open.wrote = true;
      return [{ type: 'tool_call_arguments', choice: 0, call: open.call, fragment }];
    }
    if (open.kind === 'reasoning') {
      if (delta.type === 'thinking_delta') {
        const text = upstreamString(delta.thinking, 'delta.thinking');
        return text === '' ? [] : [{ type: 'reasoning', choice: 0, block: open.block, text }];
      }
      if (delta.type === 'signature_delta') {
        const signature = upstreamString(delta.signature, 'delta.signature');
        if (signature === '') return [];
        return [{ type: 'reasoning', choice: 0, block: open.block, text: '', ...unpackedState(signature) }];
      }
    }
    return [];
  };

  /** A call whose arguments did not stream has them in its start, or none at all: `{}`. */
  const blockStop = (data: JsonObject): ConversationEvent[] => {
    const open = blocks.get(blockIndex(data));
    if (open?.kind !== 'call' || open.wrote) return [];
    open.wrote = true;
    return [{ type: 'tool_call_arguments', choice: 0, call: open.call, fragment: open.input }];
  };

  const messageDelta = (data: JsonObject): ConversationEvent[] => {
    const delta = upstreamObject(data.delta, 'delta');
    const events: ConversationEvent[] = [];
    if (!finished && delta.stop_reason !== null && delta.stop_reason !== undefined) {
      const explanation = refusalExplanation(delta.stop_details);
      if (explanation !== undefined) events.push({ type: 'refusal', choice: 0, text: explanation });
      finished = true;
      events.push({
        type: 'finish',
        choice: 0,
        reason: decodeStopReason(delta.stop_reason),
        ...(typeof delta.stop_sequence === 'string' ? { stopSequence: delta.stop_sequence } : {}),
      });
    }
    if (isObject(data.usage)) {
      const read = decodeUsage(data.usage, usage);
      usage = read.wire;
      events.push({ type: 'usage', usage: read.usage });
    }
    return events;
  };

  return {
    event(event) {
      if (ended) return [];
      const data = upstreamJson(event.data);
      const type = upstreamString(data.type, 'type');
      if (type === 'error') {
        ended = true;
        return [{ type: 'error', error: errorInfo(isObject(data.error) ? data.error : {}) }];
      }
      if (type === 'message_start') {
        if (started) throw malformed('type', 'is message_start a second time');
        return start(data);
      }
      if (!started && STREAM_EVENTS.has(type)) throw malformed('type', 'comes before message_start');
      switch (type) {
        case 'content_block_delta':
          return blockDelta(data);
        case 'content_block_start':
          return blockStart(data);
        case 'content_block_stop':
          return blockStop(data);
        case 'message_delta':
          return messageDelta(data);
        case 'message_stop': {
          ended = true;
          const finish: ConversationEvent = { type: 'finish', choice: 0, reason: 'error' };
          return finished ? [{ type: 'end' }] : [finish, { type: 'end' }];
        }
        default:
          return [];
      }
    },
    end() {
      if (ended) return [];
      ended = true;
      const message = 'The provider broke the stream off before its end.';
      return [{ type: 'error', error: { kind: 'connection', message } }];
    },
  };
}

const STREAM_EVENTS: ReadonlySet<string> = new Set([
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
  'message_delta',
  'message_stop',
]);

function blockIndex(data: JsonObject): number {
  if (typeof data.index !== 'number') throw malformed('index', 'is not a number');
  return data.index;
}
