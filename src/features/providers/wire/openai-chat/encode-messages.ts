import type {
  AssistantPart,
  CacheControl,
  Dropped,
  JsonObject,
  Message,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  UserPart,
} from '../../conversation.ts';
import type { OpenAiQuirks } from './quirks.ts';
import { reasoningDetails } from './reasoning.ts';
import { audioFormat, UNNAMED_FILE, urlOfSource } from './sources.ts';

interface Context {
  readonly quirks: OpenAiQuirks;
  readonly dropped: Dropped[];
}

/** Neutral messages as `messages` of "Create chat completion". */
export function encodeMessages(
  messages: readonly Message[],
  quirks: OpenAiQuirks,
  dropped: Dropped[],
): JsonObject[] {
  const context = { quirks, dropped };
  const wire: JsonObject[] = [];
  for (const [index, message] of messages.entries()) {
    const path = `messages[${index}]`;
    switch (message.role) {
      case 'system':
        wire.push({
          role: quirks.systemRole ?? 'system',
          content: textContent(message.parts, path, context),
        });
        break;
      case 'user': {
        const content = userContent(message.parts, path, context);
        // Nothing of it can be said here, and each part is named as dropped.
        if (content === undefined) break;
        const name = message.name === undefined ? {} : { name: message.name };
        wire.push({ role: 'user', content, ...name });
        break;
      }
      case 'assistant': {
        const encoded = assistantMessage(message.parts, path, context);
        if (encoded !== undefined)
          wire.push(message.name === undefined ? encoded : { ...encoded, name: message.name });
        break;
      }
      case 'tool': {
        const media: JsonObject[] = [];
        for (const [at, part] of message.parts.entries())
          wire.push(toolMessage(part, `${path}.parts[${at}]`, context, media));
        if (media.length > 0) wire.push({ role: 'user', content: media });
      }
    }
  }
  return wire;
}

/** Why a picture or a file in a tool's result is named: it is not lost. */
export const RESULT_MEDIA_MOVED = 'said in a turn of the user behind the results';

/** What stands before the pictures and files of a result in that turn. */
export function movedMediaNote(callId: string): string {
  return `From the result of the tool call ${callId}:`;
}

/** One text without a cache mark is said as a string: some servers take nothing else. */
function contentOf(blocks: readonly JsonObject[]): string | readonly JsonObject[] {
  const only = blocks[0];
  if (only === undefined) return '';
  if (blocks.length > 1 || only.type !== 'text' || Object.keys(only).length > 2) return blocks;
  return String(only.text);
}

function textContent(
  parts: readonly TextPart[],
  path: string,
  context: Context,
): string | readonly JsonObject[] {
  return contentOf(parts.map((part, at) => textBlock(part, `${path}.parts[${at}]`, context)));
}

function textBlock(part: TextPart, path: string, context: Context): JsonObject {
  return { type: 'text', text: part.text, ...cacheMark(part.cache, path, context) };
}

/** A prompt-cache breakpoint in the words that the provider takes. */
function cacheMark(cache: CacheControl | undefined, path: string, { quirks, dropped }: Context): JsonObject {
  if (cache === undefined) return {};
  if (quirks.cacheMarks === 'cache_control')
    return { cache_control: { type: 'ephemeral', ...(cache.ttl === undefined ? {} : { ttl: cache.ttl }) } };
  if (quirks.cacheMarks === undefined) {
    dropped.push({ path: `${path}.cache`, reason: 'the provider takes no cache breakpoints' });
    return {};
  }
  if (cache.ttl !== undefined)
    dropped.push({ path: `${path}.cache.ttl`, reason: 'a breakpoint has no time of its own here' });
  return { prompt_cache_breakpoint: { mode: 'explicit' } };
}

function userContent(
  parts: readonly UserPart[],
  path: string,
  context: Context,
): string | readonly JsonObject[] | undefined {
  const blocks: JsonObject[] = [];
  for (const [at, part] of parts.entries()) {
    const block = userBlock(part, `${path}.parts[${at}]`, context);
    if (block !== undefined) blocks.push(block);
  }
  return blocks.length === 0 ? undefined : contentOf(blocks);
}

function userBlock(part: UserPart, path: string, context: Context): JsonObject | undefined {
  const { dropped } = context;
  switch (part.type) {
    case 'text':
      return textBlock(part, path, context);
    case 'image': {
      const url = urlOfSource(part.source);
      if (url === undefined) return drop(path, 'an image cannot be named by a file id here', dropped);
      if (part.detail === 'original') dropped.push({ path: `${path}.detail`, reason: 'said as high' });
      const detail = part.detail === 'original' ? 'high' : part.detail;
      const image = { url, ...(detail === undefined ? {} : { detail }) };
      return { type: 'image_url', image_url: image, ...cacheMark(part.cache, path, context) };
    }
    case 'audio':
      if (part.source.kind !== 'base64') return drop(path, 'audio must be inlined here', dropped);
      return {
        type: 'input_audio',
        input_audio: { data: part.source.data, format: audioFormat(part.source.mediaType) },
      };
    case 'file': {
      const { source } = part;
      if (source.kind === 'url') return drop(path, 'a file cannot be named by a URL here', dropped);
      // OpenAI refuses inlined bytes without a file name.
      const filename = part.name ?? (source.kind === 'base64' ? UNNAMED_FILE : undefined);
      const file = {
        ...(source.kind === 'file_id' ? { file_id: source.id } : { file_data: urlOfSource(source) }),
        ...(filename === undefined ? {} : { filename }),
      };
      return { type: 'file', file, ...cacheMark(part.cache, path, context) };
    }
  }
}

function drop(path: string, reason: string, dropped: Dropped[]): undefined {
  dropped.push({ path, reason });
  return undefined;
}

/** An assistant's earlier turn; `undefined` when nothing of it can be said. */
function assistantMessage(
  parts: readonly AssistantPart[],
  path: string,
  context: Context,
): JsonObject | undefined {
  const { dropped } = context;
  const texts: JsonObject[] = [];
  const calls: JsonObject[] = [];
  const thoughts: ReasoningPart[] = [];
  const refusals: string[] = [];
  let audio: JsonObject | undefined;
  for (const [at, part] of parts.entries()) {
    const partPath = `${path}.parts[${at}]`;
    switch (part.type) {
      case 'text':
        if (calls.length > 0) dropped.push({ path: partPath, reason: 'moved before the tool calls' });
        texts.push(textBlock(part, partPath, context));
        break;
      case 'refusal':
        refusals.push(part.text);
        break;
      case 'tool_call':
        calls.push(toolCall(part, partPath, context));
        break;
      case 'reasoning':
        if (sayableThought(part, partPath, context)) thoughts.push(part);
        break;
      case 'audio':
        if (part.source.kind === 'file_id' && audio === undefined) audio = { id: part.source.id };
        else dropped.push({ path: partPath, reason: 'earlier audio can only be named by its id' });
        break;
      case 'image':
        dropped.push({ path: partPath, reason: 'an assistant turn holds no image here' });
    }
  }
  const silent = texts.length === 0;
  if (silent && calls.length + refusals.length + thoughts.length === 0 && audio === undefined)
    return undefined;
  return {
    role: 'assistant',
    content: silent
      ? calls.length + refusals.length > 0 || audio !== undefined
        ? null
        : ''
      : contentOf(texts),
    ...(refusals.length === 0 ? {} : { refusal: refusals.join('') }),
    ...earlierThoughts(thoughts, context.quirks),
    ...(audio === undefined ? {} : { audio }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

function toolCall(part: ToolCallPart, path: string, { quirks, dropped }: Context): JsonObject {
  if (part.cache !== undefined)
    dropped.push({ path: `${path}.cache`, reason: 'a tool call carries no cache breakpoint' });
  const signed = part.signature !== undefined && quirks.toolCallSignature === true;
  if (part.signature !== undefined && !signed)
    dropped.push({ path: `${path}.signature`, reason: 'the provider takes no state with a tool call' });
  return {
    id: part.id,
    type: 'function',
    function: { name: part.name, arguments: part.arguments },
    ...(signed ? { extra_content: { google: { thought_signature: part.signature } } } : {}),
  };
}

function sayableThought(part: ReasoningPart, path: string, { quirks, dropped }: Context): boolean {
  if (quirks.reasoningField === undefined) {
    dropped.push({ path, reason: 'the provider takes no earlier thoughts' });
    return false;
  }
  if (quirks.reasoningField === 'reasoning_details') return true;
  if (part.signature !== undefined || part.encrypted !== undefined)
    dropped.push({ path, reason: "the thought's opaque state has no place here" });
  return part.text !== '';
}

function earlierThoughts(parts: readonly ReasoningPart[], quirks: OpenAiQuirks): JsonObject {
  if (parts.length === 0 || quirks.reasoningField === undefined) return {};
  if (quirks.reasoningField === 'reasoning_details')
    return { reasoning_details: parts.flatMap((part, index) => reasoningDetails(part, index)) };
  return { [quirks.reasoningField]: parts.map((part) => part.text).join('') };
}

/**
 * A tool's answer. It is text only here: pictures and files are said in a turn of the user behind all results of the round, with a word on where they
 * are from. A breakpoint after it goes behind its last text.
 */
function toolMessage(part: ToolResultPart, path: string, context: Context, media: JsonObject[]): JsonObject {
  const { dropped } = context;
  if (part.isError === true)
    dropped.push({ path: `${path}.isError`, reason: 'a tool result cannot be marked as failed here' });
  const last = part.content.findLastIndex((piece) => piece.type === 'text');
  const blocks: JsonObject[] = [];
  const moved: JsonObject[] = [];
  for (const [at, piece] of part.content.entries()) {
    const piecePath = `${path}.content[${at}]`;
    if (piece.type === 'text') {
      const cache = at === last ? (part.cache ?? piece.cache) : piece.cache;
      blocks.push(textBlock({ ...piece, cache }, piecePath, context));
      continue;
    }
    const block = userBlock(piece, piecePath, context);
    if (block === undefined) continue;
    dropped.push({ path: piecePath, reason: RESULT_MEDIA_MOVED });
    moved.push(block);
  }
  if (moved.length > 0) media.push({ type: 'text', text: movedMediaNote(part.callId) }, ...moved);
  return { role: 'tool', tool_call_id: part.callId, content: contentOf(blocks) };
}
