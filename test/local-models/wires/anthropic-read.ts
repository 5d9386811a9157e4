/** Reads Anthropic messages requests. https://docs.anthropic.com/en/api/messages */
import type {
  Ask,
  JsonObject,
  Media,
  OutputShape,
  Reasoning,
  ToolChoice,
  ToolDefinition,
  Turn,
} from '../ask.ts';
import { Fault } from '../fault.ts';
import {
  bodyObject,
  inlineMedia,
  linkedMedia,
  objectAt,
  optionalFlag,
  optionalList,
  optionalNumber,
  optionalObject,
  optionalText,
  requiredList,
  requiredText,
  textList,
} from '../fields.ts';
import { MEDIA_TOKENS, textTokens } from '../tokens.ts';

/** Counts tokens in the order of the prompt (tools, system, messages) and remembers where the last cache mark was. */
class CacheMarks {
  #seen = 0;
  marked = 0;

  add(tokens: number, block: JsonObject): void {
    this.#seen += tokens;
    if (typeof block.cache_control === 'object' && block.cache_control !== null) this.marked = this.#seen;
  }
}

function sourceMedia(block: JsonObject, path: string, fallback: string): Media {
  const source = optionalObject(block, 'source', `${path}.source`);
  if (source === undefined) throw new Fault(400, `${path}.source: Field required`);
  const name = optionalText(block, 'title', `${path}.title`) ?? null;
  switch (source.type) {
    case 'base64':
      return inlineMedia(
        requiredText(source, 'media_type', `${path}.source.media_type`),
        requiredText(source, 'data', `${path}.source.data`),
        name,
      );
    case 'url':
      return linkedMedia(requiredText(source, 'url', `${path}.source.url`), fallback, name);
    case 'text':
      return {
        kind: 'file',
        type: 'text/plain',
        bytes: Buffer.byteLength(requiredText(source, 'data', `${path}.source.data`)),
        name,
      };
    case 'file':
    case 'content':
      return { kind: fallback.startsWith('image') ? 'image' : 'file', type: fallback, bytes: null, name };
    default:
      throw new Fault(
        400,
        `${path}.source: Input tag '${String(source.type)}' found using 'type' does not match any of the expected tags: 'base64', 'file', 'text', 'url'`,
      );
  }
}

function resultText(value: unknown, path: string, turn: Turn): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  return requiredList({ content: value }, 'content', path)
    .map((each, index) => {
      const block = objectAt(each, `${path}.${index}`);
      if (block.type === 'image' || block.type === 'document')
        turn.media.push(
          sourceMedia(block, `${path}.${index}`, block.type === 'image' ? 'image/*' : 'application/pdf'),
        );
      return optionalText(block, 'text') ?? '';
    })
    .filter((text) => text !== '')
    .join('\n');
}

function readBlock(block: JsonObject, path: string, turn: Turn, texts: string[], before: Turn[]): number {
  const type = requiredText(block, 'type', `${path}.type`);
  switch (type) {
    case 'text': {
      const text = requiredText(block, 'text', `${path}.text`);
      if (text === '') throw new Fault(400, `${path}.text: text content blocks must be non-empty`);
      texts.push(text);
      return textTokens(text);
    }
    case 'image':
    case 'document':
      turn.media.push(sourceMedia(block, path, type === 'image' ? 'image/*' : 'application/pdf'));
      return MEDIA_TOKENS;
    case 'tool_use': {
      const call = {
        id: requiredText(block, 'id', `${path}.id`),
        name: requiredText(block, 'name', `${path}.name`),
        input: optionalObject(block, 'input', `${path}.input`) ?? {},
      };
      turn.calls.push(call);
      return textTokens(call.name + JSON.stringify(call.input));
    }
    case 'tool_result': {
      const id = requiredText(block, 'tool_use_id', `${path}.tool_use_id`);
      const call = before.at(-1)?.calls.find((each) => each.id === id);
      if (call === undefined) {
        throw new Fault(
          400,
          `${path}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
        );
      }
      const text = resultText(block.content, `${path}.content`, turn);
      turn.results.push({
        id,
        name: call.name,
        text,
        failed: optionalFlag(block, 'is_error', `${path}.is_error`) ?? false,
      });
      return textTokens(text);
    }
    case 'search_result': {
      const text = resultText(block.content, `${path}.content`, turn);
      texts.push(`<document label="${optionalText(block, 'title') ?? 'search result'}">${text}</document>`);
      return textTokens(text);
    }
    case 'thinking':
    case 'redacted_thinking':
    case 'server_tool_use':
      return 0;
    default:
      if (/_tool_result$|^container_upload$/.test(type)) return 0;
      throw new Fault(
        400,
        `${path}: Input tag '${type}' found using 'type' does not match any of the expected tags: 'document', 'image', 'redacted_thinking', 'search_result', 'text', 'thinking', 'tool_result', 'tool_use'`,
      );
  }
}

function textBlocks(value: unknown, path: string, marks: CacheMarks): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') {
    marks.add(textTokens(value), {});
    return value;
  }
  return requiredList({ system: value }, 'system', path)
    .map((each, index) => {
      const block = objectAt(each, `${path}.${index}`);
      const text = requiredText(block, 'text', `${path}.${index}.text`);
      marks.add(textTokens(text), block);
      return text;
    })
    .join('\n\n');
}

function conversation(body: JsonObject, marks: CacheMarks): { system: string; turns: Turn[] } {
  const system = [textBlocks(body.system, 'system', marks)];
  const turns: Turn[] = [];
  const messages = optionalList(body, 'messages');
  if (messages === undefined) throw new Fault(400, 'messages: Field required');
  if (messages.length === 0) throw new Fault(400, 'messages: at least one message is required');
  for (const [index, value] of messages.entries()) {
    const path = `messages.${index}`;
    const message = objectAt(value, path);
    const role = requiredText(message, 'role', `${path}.role`);
    if (role === 'system') {
      system.push(textBlocks(message.content, `${path}.content`, marks));
      continue;
    }
    if (role !== 'user' && role !== 'assistant')
      throw new Fault(400, `${path}.role: Input should be 'user' or 'assistant'`);
    const turn: Turn = { role, text: '', media: [], calls: [], results: [] };
    if (typeof message.content === 'string') {
      turn.text = message.content;
      marks.add(textTokens(turn.text), {});
    } else {
      const texts: string[] = [];
      const blocks = optionalList(message, 'content', `${path}.content`);
      if (blocks === undefined) throw new Fault(400, `${path}.content: Field required`);
      for (const [at, each] of blocks.entries()) {
        const block = objectAt(each, `${path}.content.${at}`);
        marks.add(readBlock(block, `${path}.content.${at}`, turn, texts, turns), block);
      }
      turn.text = texts.join('\n');
    }
    turns.push(turn);
  }
  return { system: system.filter((text) => text !== '').join('\n\n'), turns };
}

function toolsOf(body: JsonObject, marks: CacheMarks): ToolDefinition[] {
  return (optionalList(body, 'tools') ?? []).flatMap((value, index) => {
    const path = `tools.${index}`;
    const tool = objectAt(value, path);
    const name = requiredText(tool, 'name', `${path}.name`);
    // Tools that the provider runs itself have a dated type and no schema.
    if (typeof tool.type === 'string' && tool.type !== 'custom') return [];
    const schema = optionalObject(tool, 'input_schema', `${path}.input_schema`);
    if (schema === undefined) throw new Fault(400, `${path}.custom.input_schema: Field required`);
    const description = optionalText(tool, 'description', `${path}.description`) ?? '';
    marks.add(textTokens(name + description + JSON.stringify(schema)), tool);
    return [{ name, description, schema }];
  });
}

function toolChoiceOf(body: JsonObject, tools: ToolDefinition[]): { choice: ToolChoice; parallel: boolean } {
  const value = optionalObject(body, 'tool_choice');
  const parallel = !(
    value !== undefined &&
    (optionalFlag(value, 'disable_parallel_tool_use', 'tool_choice.disable_parallel_tool_use') ?? false)
  );
  if (value === undefined) return { choice: { kind: 'auto' }, parallel };
  switch (value.type) {
    case 'auto':
      return { choice: { kind: 'auto' }, parallel };
    case 'none':
      return { choice: { kind: 'none' }, parallel };
    case 'any':
      return { choice: { kind: 'required' }, parallel };
    case 'tool': {
      const name = requiredText(value, 'name', 'tool_choice.name');
      if (!tools.some((tool) => tool.name === name))
        throw new Fault(400, `tool_choice: Tool '${name}' not found in provided tools`);
      return { choice: { kind: 'named', name }, parallel };
    }
    default:
      throw new Fault(
        400,
        `tool_choice: Input tag '${String(value.type)}' found using 'type' does not match any of the expected tags: 'any', 'auto', 'none', 'tool'`,
      );
  }
}

function thinkingOf(body: JsonObject, maxTokens: number | null, choice: ToolChoice): Reasoning {
  const thinking = optionalObject(body, 'thinking');
  if (thinking === undefined || thinking.type === 'disabled' || thinking.type === 'between_tools')
    return 'none';
  if (thinking.type !== 'enabled' && thinking.type !== 'adaptive') {
    throw new Fault(
      400,
      `thinking: Input tag '${String(thinking.type)}' found using 'type' does not match any of the expected tags: 'adaptive', 'disabled', 'enabled'`,
    );
  }
  if (thinking.type === 'enabled') {
    const budget = optionalNumber(
      thinking,
      'budget_tokens',
      { integer: true },
      'thinking.enabled.budget_tokens',
    );
    if (budget === undefined) throw new Fault(400, 'thinking.enabled.budget_tokens: Field required');
    if (budget < 1024)
      throw new Fault(400, 'thinking.enabled.budget_tokens: Input should be greater than or equal to 1024');
    if (maxTokens !== null && budget >= maxTokens)
      throw new Fault(400, '`max_tokens` must be greater than `thinking.budget_tokens`.');
  }
  if (choice.kind === 'named' || choice.kind === 'required')
    throw new Fault(400, 'Thinking may not be enabled when tool_choice forces tool use.');
  return thinking.display === 'omitted' ? 'hidden' : 'shown';
}

function outputOf(body: JsonObject): OutputShape {
  const format =
    optionalObject(optionalObject(body, 'output_config') ?? {}, 'format', 'output_config.format') ??
    optionalObject(body, 'output_format');
  if (format === undefined) return { kind: 'text' };
  if (format.type !== 'json_schema')
    throw new Fault(400, "output_config.format.type: Input should be 'json_schema'");
  const schema = optionalObject(format, 'schema', 'output_config.format.schema');
  if (schema === undefined) throw new Fault(400, 'output_config.format.schema: Field required');
  return { kind: 'schema', schema };
}

/** Reads a messages request, or with `counting` a token count request, which needs no `max_tokens`. Throws a Fault (400). */
export function readAnthropic(value: unknown, counting: boolean): Ask {
  const body = bodyObject(value);
  const model = optionalText(body, 'model');
  if (model === undefined) throw new Fault(400, 'model: Field required');
  const maxTokens = optionalNumber(body, 'max_tokens', { integer: true });
  if (maxTokens === undefined && !counting) throw new Fault(400, 'max_tokens: Field required');
  if (maxTokens !== undefined && maxTokens < 1)
    throw new Fault(400, 'max_tokens: Input should be greater than or equal to 1');
  optionalNumber(body, 'temperature', { low: 0, high: 1 });
  optionalNumber(body, 'top_p', { low: 0, high: 1 });
  if (optionalObject(body, 'thread')?.type === 'continue')
    throw new Fault(400, 'thread: Message threads are not supported for this request.', {
      detail: 'thread_unsupported_request',
    });
  const marks = new CacheMarks();
  const tools = toolsOf(body, marks);
  const { choice, parallel } = toolChoiceOf(body, tools);
  const { system, turns } = conversation(body, marks);
  return {
    format: 'anthropic',
    model,
    system,
    turns,
    tools,
    toolChoice: choice,
    parallelCalls: parallel,
    output: outputOf(body),
    maxTokens: maxTokens ?? null,
    stop: textList(body, 'stop_sequences'),
    choices: 1,
    reasoning: thinkingOf(body, maxTokens ?? null, choice),
    stream: optionalFlag(body, 'stream') ?? false,
    streamUsage: true,
    serverSentEvents: true,
    cacheMarkedTokens: marks.marked,
    echo: {},
  };
}
