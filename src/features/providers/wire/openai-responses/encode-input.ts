import type {
  AssistantPart,
  CacheControl,
  Dropped,
  FilePart,
  ImagePart,
  JsonObject,
  Message,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  UserPart,
} from '../../conversation.ts';
import type { OpenAiQuirks } from '../openai-chat/quirks.ts';
import { audioFormat, UNNAMED_FILE, urlOfSource } from '../openai-chat/sources.ts';
import type { PlacedItem } from './placed-items.ts';

export interface InputContext {
  readonly quirks: OpenAiQuirks;
  readonly dropped: Dropped[];
  /** Whether the provider keeps earlier answers, so that a thought can be named by its id alone. */
  readonly stored: boolean;
}

/**
 * Neutral messages as `instructions` and `input` of "Create a model response". The first message is `instructions` when it is one plain
 * system text and something else follows; all others are items, in order.
 */
export function encodeInput(
  messages: readonly Message[],
  placed: readonly PlacedItem[],
  context: InputContext,
): { readonly instructions?: string; readonly input: JsonObject[] } {
  const first = messages[0];
  const instructions = messages.length > 1 && first !== undefined ? plainSystemText(first) : undefined;
  const input: JsonObject[] = [];
  let nextPlaced = 0;
  const place = (messagesBehind: number): void => {
    for (let entry = placed[nextPlaced]; entry !== undefined; entry = placed[nextPlaced]) {
      if (entry.messagesBehind < messagesBehind) return;
      input.push(entry.item);
      nextPlaced += 1;
    }
  };
  for (const [index, message] of messages.entries()) {
    if (index === 0 && instructions !== undefined) continue;
    place(messages.length - index);
    input.push(...itemsOf(message, `messages[${index}]`, context));
  }
  place(0);
  return instructions === undefined ? { input } : { instructions, input };
}

function plainSystemText(message: Message): string | undefined {
  const part = message.role === 'system' && message.parts.length === 1 ? message.parts[0] : undefined;
  return part?.cache === undefined ? part?.text : undefined;
}

function itemsOf(message: Message, path: string, context: InputContext): JsonObject[] {
  switch (message.role) {
    case 'system': {
      const blocks = message.parts.map((part, at) => inputText(part, `${path}.parts[${at}]`, context));
      return [{ type: 'message', role: context.quirks.systemRole ?? 'system', content: contentOf(blocks) }];
    }
    case 'user': {
      nameDropped(message.name, path, context.dropped);
      const blocks = message.parts
        .map((part, at) => userBlock(part, `${path}.parts[${at}]`, context))
        .filter((block) => block !== undefined);
      return blocks.length === 0 ? [] : [{ type: 'message', role: 'user', content: contentOf(blocks) }];
    }
    case 'assistant':
      nameDropped(message.name, path, context.dropped);
      return assistantItems(message.parts, path, context);
    case 'tool':
      return message.parts.map((part, at) => toolOutput(part, `${path}.parts[${at}]`, context));
  }
}

function nameDropped(name: string | undefined, path: string, dropped: Dropped[]): void {
  if (name !== undefined) dropped.push({ path: `${path}.name`, reason: 'an item carries no name' });
}

/** One plain text is said as a string. */
function contentOf(blocks: readonly JsonObject[]): string | readonly JsonObject[] {
  const only = blocks[0];
  const plain = blocks.length === 1 && only !== undefined && Object.keys(only).length === 2;
  return plain && typeof only.text === 'string' ? only.text : blocks;
}

function inputText(part: TextPart, path: string, context: InputContext): JsonObject {
  return { type: 'input_text', text: part.text, ...cacheMark(part.cache, path, context) };
}

function cacheMark(
  cache: CacheControl | undefined,
  path: string,
  { quirks, dropped }: InputContext,
): JsonObject {
  if (cache === undefined) return {};
  if (quirks.cacheMarks !== 'prompt_cache_breakpoint') {
    dropped.push({ path: `${path}.cache`, reason: 'the provider takes no cache breakpoints' });
    return {};
  }
  if (cache.ttl !== undefined)
    dropped.push({ path: `${path}.cache.ttl`, reason: 'a breakpoint has no time of its own here' });
  return { prompt_cache_breakpoint: { mode: 'explicit' } };
}

function userBlock(part: UserPart, path: string, context: InputContext): JsonObject | undefined {
  if (part.type !== 'audio') return contentBlock(part, path, context);
  if (part.source.kind !== 'base64') {
    context.dropped.push({ path, reason: 'audio must be inlined here' });
    return undefined;
  }
  const { data, mediaType } = part.source;
  return { type: 'input_audio', input_audio: { data, format: audioFormat(mediaType) } };
}

/** What both a user's message and a tool's output may hold. */
function contentBlock(
  part: TextPart | ImagePart | FilePart,
  path: string,
  context: InputContext,
): JsonObject {
  switch (part.type) {
    case 'text':
      return inputText(part, path, context);
    case 'image': {
      const { source } = part;
      const named = source.kind === 'file_id' ? { file_id: source.id } : { image_url: urlOfSource(source) };
      // The API demands `detail`; `auto` is its default.
      const mark = cacheMark(part.cache, path, context);
      return { type: 'input_image', ...named, detail: part.detail ?? 'auto', ...mark };
    }
    case 'file':
      return { type: 'input_file', ...fileMembers(part), ...cacheMark(part.cache, path, context) };
  }
}

function fileMembers({ source, name }: FilePart): JsonObject {
  const filename = name === undefined ? {} : { filename: name };
  if (source.kind === 'file_id') return { file_id: source.id, ...filename };
  if (source.kind === 'url') return { file_url: source.url, ...filename };
  // OpenAI refuses inlined bytes without a file name.
  return { file_data: urlOfSource(source), filename: name ?? UNNAMED_FILE };
}

/** An assistant's earlier turn: texts and refusals that stand together are one message, in the order in which all of it was said. */
function assistantItems(parts: readonly AssistantPart[], path: string, context: InputContext): JsonObject[] {
  const items: JsonObject[] = [];
  let open: JsonObject[] = [];
  const flush = (): void => {
    if (open.length > 0) items.push({ type: 'message', role: 'assistant', content: contentOf(open) });
    open = [];
  };
  for (const [at, part] of parts.entries()) {
    const partPath = `${path}.parts[${at}]`;
    switch (part.type) {
      case 'text':
        if (part.cache !== undefined)
          context.dropped.push({
            path: `${partPath}.cache`,
            reason: 'an answer carries no cache breakpoint',
          });
        open.push({ type: 'output_text', text: part.text });
        break;
      case 'refusal':
        open.push({ type: 'refusal', refusal: part.text });
        break;
      case 'tool_call':
        flush();
        items.push(functionCall(part, partPath, context));
        break;
      case 'reasoning': {
        const item = earlierThought(part, partPath, context);
        if (item === undefined) break;
        flush();
        items.push(item);
        break;
      }
      case 'image':
      case 'audio':
        context.dropped.push({ path: partPath, reason: `an assistant turn holds no ${part.type} here` });
    }
  }
  flush();
  return items;
}

function functionCall(part: ToolCallPart, path: string, { quirks, dropped }: InputContext): JsonObject {
  if (part.cache !== undefined)
    dropped.push({ path: `${path}.cache`, reason: 'a tool call carries no cache breakpoint' });
  const signed = part.signature !== undefined && quirks.toolCallSignature === true;
  if (part.signature !== undefined && !signed)
    dropped.push({ path: `${path}.signature`, reason: 'the provider takes no state with a tool call' });
  return {
    type: 'function_call',
    call_id: part.id,
    name: part.name,
    arguments: part.arguments,
    ...(signed ? { extra_content: { google: { thought_signature: part.signature } } } : {}),
  };
}

/**
 * A thought goes back only to where it came from: OpenAI refuses items that it did not make, and ids of answers that it did not keep.
 */
function earlierThought(
  part: ReasoningPart,
  path: string,
  { dropped, stored }: InputContext,
): JsonObject | undefined {
  const own = part.id !== undefined && part.signature === undefined;
  if (!own || (part.encrypted === undefined && !stored)) {
    dropped.push({
      path,
      reason: own ? 'the thought came without its encrypted content' : "a thought of another maker's model",
    });
    return undefined;
  }
  return {
    type: 'reasoning',
    id: part.id,
    summary: part.text === '' ? [] : [{ type: 'summary_text', text: part.text }],
    ...(part.encrypted === undefined ? {} : { encrypted_content: part.encrypted }),
  };
}

function toolOutput(part: ToolResultPart, path: string, context: InputContext): JsonObject {
  const { dropped } = context;
  if (part.isError === true)
    dropped.push({ path: `${path}.isError`, reason: 'a tool output cannot be marked as failed here' });
  if (part.cache !== undefined)
    dropped.push({ path: `${path}.cache`, reason: 'a tool output carries no cache breakpoint' });
  const blocks = part.content.map((piece, at) => contentBlock(piece, `${path}.content[${at}]`, context));
  return {
    type: 'function_call_output',
    call_id: part.callId,
    output: blocks.length === 0 ? '' : contentOf(blocks),
  };
}
