import type { ConversationEvent, JsonObject } from '../../conversation.ts';
import {
  functionCallItem,
  type ItemStatus,
  itemId,
  itemKey,
  messageItem,
  refusalContent,
  textContent,
} from './output-items.ts';
import { reasoningItem, reasoningItemId } from './reasoning-item.ts';

/** Writes one event of the stream; `members` is JSON text without braces. */
export type WriteEvent = (type: string, members: string) => string;

type ReasoningEvent = Extract<ConversationEvent, { type: 'reasoning' }>;
type CallEvent = Extract<ConversationEvent, { type: 'tool_call_start' }>;

/** Writes the output items of one streamed answer. */
export interface ItemsEncoder {
  /** The items that are done. */
  readonly output: readonly JsonObject[];
  readonly refused: boolean;
  text(type: 'output_text' | 'refusal', delta: string): string;
  reasoning(event: ReasoningEvent): string;
  callStart(event: CallEvent): string;
  callArguments(call: number, fragment: string): string;
  logprobs(logprobs: JsonObject): string;
  /** Ends every item that is open. */
  close(status: ItemStatus): string;
}

interface OpenMessage {
  readonly kind: 'message';
  readonly index: number;
  readonly id: string;
  readonly content: JsonObject[];
  part:
    | { type: 'output_text' | 'refusal'; text: string; logprobs: unknown[]; readonly place: string }
    | undefined;
}

interface OpenThought {
  readonly kind: 'thought';
  readonly index: number;
  readonly id: string;
  readonly block: number;
  readonly place: string;
  text: string;
  signature?: string;
  encrypted?: string;
  lateId?: string;
}

interface OpenCall {
  readonly index: number;
  readonly id: string;
  readonly event: CallEvent;
  readonly place: string;
  args: string;
}

/**
 * One message or thought is open at a time; what is of another kind closes it. Calls stay open until the end, because the arguments of
 * parallel calls may come by turns.
 */
export function itemsEncoder(responseId: string, write: WriteEvent): ItemsEncoder {
  const output: JsonObject[] = [];
  const calls = new Map<number, OpenCall>();
  let open: OpenMessage | OpenThought | undefined;
  let nextIndex = 0;
  let refused = false;

  const added = (index: number, item: JsonObject): string =>
    write('response.output_item.added', `"output_index":${index},"item":${JSON.stringify(item)}`);

  const done = (index: number, item: JsonObject): string => {
    output[index] = item;
    return write('response.output_item.done', `"output_index":${index},"item":${JSON.stringify(item)}`);
  };

  const placeOf = (id: string, index: number): string =>
    `"item_id":${JSON.stringify(id)},"output_index":${index}`;

  const closePart = (message: OpenMessage): string => {
    const { part } = message;
    if (part === undefined) return '';
    message.part = undefined;
    const content =
      part.type === 'refusal' ? refusalContent(part.text) : textContent(part.text, part.logprobs);
    message.content.push(content);
    const text = JSON.stringify(part.text);
    const whole =
      part.type === 'refusal'
        ? `"refusal":${text}`
        : `"text":${text},"logprobs":${JSON.stringify(part.logprobs)}`;
    return (
      write(`response.${part.type}.done`, `${part.place},${whole}`) +
      write('response.content_part.done', `${part.place},"part":${JSON.stringify(content)}`)
    );
  };

  const closeThought = (thought: OpenThought): string => {
    const { index, id, text } = thought;
    let events = '';
    if (text !== '') {
      const quoted = JSON.stringify(text);
      events += write('response.reasoning_summary_text.done', `${thought.place},"text":${quoted}`);
      events += write(
        'response.reasoning_summary_part.done',
        `${thought.place},"part":{"type":"summary_text","text":${quoted}}`,
      );
    }
    return events + done(index, reasoningItem(id, thought));
  };

  const closeOpen = (status: ItemStatus): string => {
    const item = open;
    open = undefined;
    if (item === undefined) return '';
    if (item.kind === 'thought') return closeThought(item);
    const part = closePart(item);
    return part + done(item.index, messageItem(item.id, status, item.content));
  };

  const closeCall = (call: OpenCall, status: ItemStatus): string => {
    const args = call.args === '' ? '{}' : call.args;
    const quoted = JSON.stringify(args);
    const owed =
      call.args === '' ? write('response.function_call_arguments.delta', `${call.place},"delta":"{}"`) : '';
    return (
      owed +
      write(
        'response.function_call_arguments.done',
        `${call.place},"name":${JSON.stringify(call.event.name)},"arguments":${quoted}`,
      ) +
      done(call.index, functionCallItem(call.id, status, call.event, args))
    );
  };

  /** The open message with a part of the type, and the events that it took to open them. */
  const partOf = (
    type: 'output_text' | 'refusal',
  ): { part: NonNullable<OpenMessage['part']>; events: string } => {
    let events = '';
    if (open?.kind !== 'message') {
      events += closeOpen('completed');
      const index = nextIndex++;
      const id = itemId('msg', responseId, index);
      open = { kind: 'message', index, id, content: [], part: undefined };
      events += added(index, messageItem(id, 'in_progress', []));
    }
    const message = open;
    if (message.part?.type === type) return { part: message.part, events };
    events += closePart(message);
    const place = `${placeOf(message.id, message.index)},"content_index":${message.content.length}`;
    const part = { type, text: '', logprobs: [], place };
    message.part = part;
    const empty = type === 'refusal' ? refusalContent('') : textContent('', []);
    events += write('response.content_part.added', `${place},"part":${JSON.stringify(empty)}`);
    return { part, events };
  };

  return {
    output,
    get refused() {
      return refused;
    },
    text(type, delta) {
      if (type === 'refusal') refused = true;
      const { part, events } = partOf(type);
      part.text += delta;
      const members = `${part.place},"delta":${JSON.stringify(delta)}`;
      if (type === 'refusal') return events + write('response.refusal.delta', members);
      return events + write('response.output_text.delta', `${members},"logprobs":[]`);
    },
    logprobs(logprobs) {
      if (!Array.isArray(logprobs.content) || logprobs.content.length === 0) return '';
      // Only texts have them here, not the arguments of calls.
      if (open?.kind !== 'message' && calls.size > 0) return '';
      const { part, events } = partOf('output_text');
      part.logprobs.push(...(logprobs.content as unknown[]));
      return (
        events +
        write(
          'response.output_text.delta',
          `${part.place},"delta":"","logprobs":${JSON.stringify(logprobs.content)}`,
        )
      );
    },
    reasoning(event) {
      let events = '';
      if (open?.kind !== 'thought' || open.block !== event.block) {
        events += closeOpen('completed');
        const index = nextIndex++;
        const id = reasoningItemId(event.id, itemKey(responseId, index));
        const place = `${placeOf(id, index)},"summary_index":0`;
        open = { kind: 'thought', index, id, block: event.block, place, text: '' };
        events += added(index, { type: 'reasoning', id, summary: [] });
      }
      const thought = open;
      if (event.id !== undefined && event.id !== thought.id) thought.lateId = event.id;
      if (event.signature !== undefined) thought.signature = (thought.signature ?? '') + event.signature;
      if (event.encrypted !== undefined) thought.encrypted = (thought.encrypted ?? '') + event.encrypted;
      if (event.text === '') return events;
      if (thought.text === '')
        events += write(
          'response.reasoning_summary_part.added',
          `${thought.place},"part":{"type":"summary_text","text":""}`,
        );
      thought.text += event.text;
      return (
        events +
        write(
          'response.reasoning_summary_text.delta',
          `${thought.place},"delta":${JSON.stringify(event.text)}`,
        )
      );
    },
    callStart(event) {
      const events = closeOpen('completed');
      const index = nextIndex++;
      const id = itemId('fc', responseId, index);
      calls.set(event.call, { index, id, event, place: placeOf(id, index), args: '' });
      return events + added(index, functionCallItem(id, 'in_progress', event, ''));
    },
    callArguments(number, fragment) {
      const call = calls.get(number);
      if (call === undefined || fragment === '') return '';
      call.args += fragment;
      return write(
        'response.function_call_arguments.delta',
        `${call.place},"delta":${JSON.stringify(fragment)}`,
      );
    },
    close(status) {
      let events = closeOpen(status);
      for (const call of calls.values()) events += closeCall(call, status);
      calls.clear();
      return events;
    },
  };
}
