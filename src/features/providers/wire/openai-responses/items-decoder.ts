import type { ConversationEvent, JsonObject } from '../../conversation.ts';
import { isObject, upstreamObject, upstreamString, upstreamText } from '../fields.ts';
import { signatureOf } from '../openai-chat/decode-messages.ts';
import { joinedTexts } from './decode-response.ts';
import { reasoningPart, SUMMARY_BREAK, stateOf } from './reasoning-item.ts';

/** Reads the events of a stream's output items. */
export interface ItemsDecoder {
  readonly calledTools: boolean;
  readonly refused: boolean;
  event(type: string, data: JsonObject, events: ConversationEvent[]): void;
  /** Gives what is owed when the response is over. */
  close(events: ConversationEvent[]): void;
}

interface Item {
  /** The number of the call or of the thought. */
  readonly number: number;
  readonly kind: 'message' | 'call' | 'custom' | 'thought' | 'other';
  readonly id: string;
  /** Whether any of its text or arguments was given. */
  wrote: boolean;
  done: boolean;
  /** Which of a thought's texts is read: a server that streams both says the same twice. */
  source?: 'summary' | 'text';
  /** The part of the summary or content that was read last. */
  part: number;
}

/**
 * Deltas are read as they come; servers that give an item whole, at its `added`, its `done` or its text's `done`, are understood too. A custom
 * tool's free text becomes the one argument `input` of a function.
 */
export function itemsDecoder(): ItemsDecoder {
  const items = new Map<string, Item>();
  let calls = 0;
  let thoughts = 0;
  let refused = false;

  const keyOf = (data: JsonObject): string =>
    typeof data.output_index === 'number' ? String(data.output_index) : upstreamText(data.item_id, 'item_id');

  const text = (
    type: 'text' | 'refusal',
    value: string,
    item: Item | undefined,
    events: ConversationEvent[],
  ): void => {
    if (value === '') return;
    if (item !== undefined) item.wrote = true;
    if (type === 'refusal') refused = true;
    events.push({ type, choice: 0, text: value });
  };

  const write = (item: Item, fragment: string, events: ConversationEvent[]): void => {
    if (fragment === '') return;
    item.wrote = true;
    events.push({ type: 'tool_call_arguments', choice: 0, call: item.number, fragment });
  };

  const open = (data: JsonObject, events: ConversationEvent[]): Item => {
    const wire = upstreamObject(data.item, 'item');
    const kind = kindOf(wire.type);
    const number = kind === 'call' || kind === 'custom' ? calls++ : kind === 'thought' ? thoughts++ : 0;
    const item: Item = {
      number,
      kind,
      id: upstreamText(wire.id, 'item.id'),
      wrote: false,
      done: false,
      part: 0,
    };
    items.set(keyOf(data), item);
    if (kind === 'call' || kind === 'custom') {
      events.push({
        type: 'tool_call_start',
        choice: 0,
        call: number,
        id: upstreamString(wire.call_id, 'item.call_id'),
        name: upstreamString(wire.name, 'item.name'),
        ...signatureOf(wire),
      });
      // The beginning alone is not yet anything that was said.
      if (kind === 'custom')
        events.push({ type: 'tool_call_arguments', choice: 0, call: number, fragment: '{"input":"' });
    }
    return item;
  };

  const thought = (
    item: Item | undefined,
    data: JsonObject,
    source: 'summary' | 'text',
    delta: string,
    events: ConversationEvent[],
  ): void => {
    if (item === undefined || delta === '') return;
    item.source ??= source;
    if (item.source !== source) return;
    const part = source === 'summary' ? data.summary_index : data.content_index;
    const broken = item.wrote && typeof part === 'number' && part !== item.part;
    if (typeof part === 'number') item.part = part;
    const first = item.wrote ? {} : idOf(item);
    item.wrote = true;
    events.push({
      type: 'reasoning',
      choice: 0,
      block: item.number,
      text: broken ? SUMMARY_BREAK + delta : delta,
      ...first,
    });
  };

  /** An item's end: the state of a thought, and everything of a server that streams no deltas. */
  const finish = (item: Item, wire: JsonObject, events: ConversationEvent[]): void => {
    if (item.done) return;
    item.done = true;
    if (item.kind === 'thought') {
      const whole = item.wrote ? '' : joinedTexts(wire.summary) || joinedTexts(wire.content);
      const state = stateOf(upstreamText(wire.encrypted_content, 'item.encrypted_content'));
      const owed = !item.wrote || Object.keys(state).length > 0;
      const first = item.wrote ? {} : idOf(item);
      if (owed)
        events.push({ type: 'reasoning', choice: 0, block: item.number, text: whole, ...first, ...state });
    } else if (item.kind === 'call') {
      if (!item.wrote) write(item, upstreamText(wire.arguments, 'item.arguments') || '{}', events);
    } else if (item.kind === 'custom') {
      const owed = item.wrote ? '' : upstreamText(wire.input, 'item.input');
      write(item, `${JSON.stringify(owed).slice(1, -1)}"}`, events);
    } else if (item.kind === 'message' && !item.wrote && Array.isArray(wire.content)) {
      for (const block of wire.content) {
        if (!isObject(block)) continue;
        if (block.type === 'output_text')
          text('text', upstreamText(block.text, 'item.content.text'), item, events);
        if (block.type === 'refusal')
          text('refusal', upstreamText(block.refusal, 'item.content.refusal'), item, events);
      }
    }
  };

  const textDelta = (data: JsonObject, item: Item | undefined, events: ConversationEvent[]): void => {
    text('text', upstreamString(data.delta, 'delta'), item, events);
    if (Array.isArray(data.logprobs) && data.logprobs.length > 0)
      events.push({ type: 'logprobs', choice: 0, logprobs: { content: data.logprobs } });
  };

  return {
    get calledTools() {
      return calls > 0;
    },
    get refused() {
      return refused;
    },
    event(type, data, events) {
      const item = items.get(keyOf(data));
      switch (type) {
        case 'response.output_text.delta':
          textDelta(data, item, events);
          return;
        case 'response.refusal.delta':
          text('refusal', upstreamString(data.delta, 'delta'), item, events);
          return;
        case 'response.reasoning_summary_text.delta':
          thought(item, data, 'summary', upstreamString(data.delta, 'delta'), events);
          return;
        case 'response.reasoning_text.delta':
          thought(item, data, 'text', upstreamString(data.delta, 'delta'), events);
          return;
        case 'response.function_call_arguments.delta':
          if (item?.kind === 'call') write(item, upstreamString(data.delta, 'delta'), events);
          return;
        case 'response.custom_tool_call_input.delta':
          if (item?.kind === 'custom')
            write(item, JSON.stringify(upstreamString(data.delta, 'delta')).slice(1, -1), events);
          return;
        case 'response.function_call_arguments.done':
          if (item?.kind === 'call' && !item.wrote)
            write(item, upstreamText(data.arguments, 'arguments'), events);
          return;
        case 'response.output_item.added':
          if (item === undefined) open(data, events);
          return;
        case 'response.output_item.done':
          finish(item ?? open(data, events), upstreamObject(data.item, 'item'), events);
          return;
      }
    },
    close(events) {
      for (const item of items.values()) finish(item, {}, events);
    },
  };
}

function kindOf(type: unknown): Item['kind'] {
  switch (type) {
    case 'message':
      return 'message';
    case 'function_call':
      return 'call';
    case 'custom_tool_call':
      return 'custom';
    case 'reasoning':
      return 'thought';
    default:
      return 'other';
  }
}

/** A thought's id, unless it is one that we made. */
function idOf(item: Item): { readonly id?: string } {
  const { id } = reasoningPart('', item.id, undefined);
  return id === undefined ? {} : { id };
}
