import type { TokenCount } from '../../platform/tokens.ts';
import {
  type ConversationEvent,
  codecFor,
  type JsonObject,
  type TokenUsage,
  type WireFormat,
} from '../providers/index.ts';
import { editEvents } from './stream-edit.ts';

/** What is known of a stream of the client's own format that is ended in the middle. */
export interface BrokenOff {
  readonly format: WireFormat;
  /** What the provider called the answer. */
  readonly start: Extract<ConversationEvent, { type: 'start' }>;
  /** The text of the events that were passed on: all of them for responses, the latest for the others. */
  readonly passed: string;
  /** Answers that have not ended, by their numbers. */
  readonly open: readonly number[];
  readonly includeUsage: boolean;
  readonly usage: TokenUsage;
}

/**
 * The events that end a stream of the client's own format properly, as one that has reached its bound: what is open is closed under the names that the provider gave
 * it. Pure.
 */
export function endingOf(broken: BrokenOff): string {
  if (broken.format === 'openai-responses') return endOfResponse(broken);
  const { format, start, open, includeUsage, usage } = broken;
  const encoder = codecFor(format).streamEncoder({ model: start.model, includeUsage });
  // What begins the stream the client has had.
  encoder.event(start);
  let text = format === 'anthropic-messages' ? endOfBlock(broken.passed) : '';
  for (const choice of open) text += encoder.event({ type: 'finish', choice, reason: 'length' });
  return text + encoder.event({ type: 'usage', usage }) + encoder.event({ type: 'end' });
}

/** The end of the content block that is open, by the last event that speaks of one. */
function endOfBlock(passed: string): string {
  let open: unknown;
  eachEvent(passed, ({ type, index }) => {
    if (type === 'content_block_start' || type === 'content_block_delta') open = index;
    else if (type === 'content_block_stop') open = undefined;
  });
  if (typeof open !== 'number') return '';
  return `event: content_block_stop\ndata: {"type":"content_block_stop","index":${open}}\n\n`;
}

interface OpenItem {
  readonly item: JsonObject;
  /** Parts of a message, summaries of a thought, by their numbers. */
  readonly parts: JsonObject[];
  readonly summary: JsonObject[];
  arguments: string;
  done: boolean;
}

/** "Streaming events": items that are open are done as incomplete, and the response ends as incomplete with what it came to. */
function endOfResponse({ passed, usage }: BrokenOff): string {
  const items: OpenItem[] = [];
  let response: JsonObject = {};
  let sequence = 0;
  const itemOf = (data: JsonObject) => items[Number(data.output_index)];
  eachEvent(passed, (data) => {
    if (typeof data.sequence_number === 'number') sequence = data.sequence_number + 1;
    const item = itemOf(data);
    const delta = typeof data.delta === 'string' ? data.delta : '';
    switch (data.type) {
      case 'response.created':
      case 'response.in_progress':
        response = data.response as JsonObject;
        break;
      case 'response.output_item.added':
        items[Number(data.output_index)] = {
          item: data.item as JsonObject,
          parts: [],
          summary: [],
          arguments: '',
          done: false,
        };
        break;
      case 'response.output_item.done':
        items[Number(data.output_index)] = {
          item: data.item as JsonObject,
          parts: [],
          summary: [],
          arguments: '',
          done: true,
        };
        break;
      case 'response.content_part.added':
      case 'response.content_part.done':
        if (item !== undefined) item.parts[Number(data.content_index)] = { ...(data.part as JsonObject) };
        break;
      case 'response.output_text.delta':
        grow(item?.parts, data.content_index, 'text', delta);
        break;
      case 'response.refusal.delta':
        grow(item?.parts, data.content_index, 'refusal', delta);
        break;
      case 'response.reasoning_summary_part.added':
        if (item !== undefined) item.summary[Number(data.summary_index)] = { ...(data.part as JsonObject) };
        break;
      case 'response.reasoning_summary_text.delta':
        grow(item?.summary, data.summary_index, 'text', delta);
        break;
      case 'response.function_call_arguments.delta':
        if (item !== undefined) item.arguments += delta;
        break;
      default:
        break;
    }
  });
  let text = '';
  const write = (type: string, members: JsonObject) => {
    text += `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence++, ...members })}\n\n`;
  };
  const output: JsonObject[] = [];
  items.forEach((open, index) => {
    const item = open.done ? open.item : closed(open);
    output.push(item);
    if (open.done) return;
    const at = { item_id: item.id, output_index: index };
    open.parts.forEach((part, content_index) => {
      const said = part.type === 'refusal' ? 'refusal' : 'output_text';
      const whole = said === 'refusal' ? { refusal: part.refusal } : { text: part.text, logprobs: [] };
      write(`response.${said}.done`, { ...at, content_index, ...whole });
      write('response.content_part.done', { ...at, content_index, part });
    });
    open.summary.forEach((part, summary_index) => {
      write('response.reasoning_summary_text.done', { ...at, summary_index, text: part.text });
      write('response.reasoning_summary_part.done', { ...at, summary_index, part });
    });
    if (item.type === 'function_call')
      write('response.function_call_arguments.done', {
        ...at,
        name: item.name,
        arguments: item.arguments,
      });
    write('response.output_item.done', { output_index: index, item });
  });
  // A whole response of the codec's, for its usage in the format's words.
  const codec = codecFor('openai-responses');
  const { usage: counted } = codec.encodeResponse(
    { id: '', model: '', created: 0, choices: [], usage },
    { model: '', includeUsage: true },
  );
  write('response.incomplete', {
    response: {
      ...response,
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output,
      usage: counted,
    },
  });
  return text;
}

function grow(
  parts: JsonObject[] | undefined,
  index: unknown,
  member: 'text' | 'refusal',
  delta: string,
): void {
  const part = parts?.[Number(index)];
  if (parts !== undefined && part !== undefined)
    parts[Number(index)] = { ...part, [member]: `${String(part[member] ?? '')}${delta}` };
}

function closed({ item, parts, summary, arguments: said }: OpenItem): JsonObject {
  switch (item.type) {
    case 'message':
      return { ...item, status: 'incomplete', content: parts };
    case 'reasoning':
      return { ...item, summary };
    case 'function_call':
      return { ...item, status: 'incomplete', arguments: said };
    default:
      return { ...item, ...(item.status === undefined ? {} : { status: 'incomplete' }) };
  }
}

/** The events of a text whose data are JSON objects. */
function eachEvent(text: string, see: (data: JsonObject) => void): void {
  editEvents(text, (data) => {
    see(data);
    return data;
  });
}

/**
 * The events at the beginning of a text of whole ones with which a count stays within so many tokens, and what they say. The first that would go beyond, and all behind it,
 * are left out. Pure but for the count, which is counted on.
 */
export function eventsWithin(
  text: string,
  format: WireFormat,
  count: TokenCount,
  most: number,
): { readonly text: string; readonly said: TokenCount } {
  let said = count;
  let over = false;
  const within = editEvents(
    text,
    (data) => {
      if (over) return null;
      const next = said.copy();
      for (const piece of saidIn(format, data)) next.add(piece);
      over = next.tokens > most;
      if (over || ENDS.has(String(data.type)) || isFinish(data)) {
        over = true;
        return null;
      }
      said = next;
      return data;
    },
    true,
  );
  return { text: within, said };
}

/** Events that end an answer: of one that is ended earlier, none may pass. */
const ENDS: ReadonlySet<string> = new Set([
  'message_delta',
  'message_stop',
  'response.completed',
  'response.incomplete',
]);

function isFinish(data: JsonObject): boolean {
  if (!Array.isArray(data.choices)) return false;
  return (data.choices as JsonObject[]).some(({ finish_reason }) => typeof finish_reason === 'string');
}

/** The pieces of text that an event of a format says. */
function saidIn(format: WireFormat, data: JsonObject): string[] {
  const texts = (of: JsonObject, ...names: string[]) =>
    names.map((name) => of[name]).filter((value) => typeof value === 'string');
  switch (format) {
    case 'openai-chat':
      return (Array.isArray(data.choices) ? (data.choices as JsonObject[]) : []).flatMap((choice) => {
        const delta = (choice.delta ?? {}) as JsonObject;
        const calls = Array.isArray(delta.tool_calls) ? (delta.tool_calls as JsonObject[]) : [];
        return [
          ...texts(delta, 'content', 'refusal', 'reasoning_content'),
          ...calls.flatMap((call) => texts((call.function ?? {}) as JsonObject, 'name', 'arguments')),
        ];
      });
    case 'anthropic-messages':
      return [
        ...texts((data.delta ?? {}) as JsonObject, 'text', 'thinking', 'partial_json'),
        ...texts((data.content_block ?? {}) as JsonObject, 'name'),
      ];
    default:
      return String(data.type).endsWith('.delta') ? texts(data, 'delta') : [];
  }
}
