/** Reads OpenAI chat completion requests. https://platform.openai.com/docs/api-reference/chat/create */
import type { Ask, JsonObject, Media, OutputShape, ToolChoice, ToolDefinition, Turn } from '../ask.ts';
import { Fault } from '../fault.ts';
import {
  bodyObject,
  inlineMedia,
  linkedMedia,
  missing,
  objectAt,
  optionalFlag,
  optionalList,
  optionalNumber,
  optionalObject,
  optionalText,
  parsedOrText,
  requiredList,
  requiredText,
  textAt,
  textList,
} from '../fields.ts';

interface Content {
  text: string;
  media: Media[];
}

function partOf(part: JsonObject, path: string): { text?: string; media?: Media } {
  const type = requiredText(part, 'type', `${path}.type`);
  switch (type) {
    case 'text':
      return { text: requiredText(part, 'text', `${path}.text`) };
    case 'refusal':
      return { text: requiredText(part, 'refusal', `${path}.refusal`) };
    case 'image_url': {
      const image = optionalObject(part, 'image_url', `${path}.image_url`);
      if (image === undefined) throw missing(`${path}.image_url`);
      return { media: linkedMedia(requiredText(image, 'url', `${path}.image_url.url`), 'image/*') };
    }
    case 'input_audio': {
      const audio = optionalObject(part, 'input_audio', `${path}.input_audio`);
      if (audio === undefined) throw missing(`${path}.input_audio`);
      return {
        media: inlineMedia(
          `audio/${requiredText(audio, 'format', `${path}.input_audio.format`)}`,
          requiredText(audio, 'data', `${path}.input_audio.data`),
        ),
      };
    }
    case 'file': {
      const file = optionalObject(part, 'file', `${path}.file`);
      if (file === undefined) throw missing(`${path}.file`);
      const name = optionalText(file, 'filename', `${path}.file.filename`) ?? null;
      return {
        media: linkedMedia(
          optionalText(file, 'file_data', `${path}.file.file_data`) ?? '',
          'application/octet-stream',
          name,
        ),
      };
    }
    default:
      throw new Fault(
        400,
        `Invalid value: '${type}'. Supported values are: 'text', 'image_url', 'input_audio', 'refusal', and 'file'.`,
        {
          param: `${path}.type`,
          code: 'invalid_value',
        },
      );
  }
}

function contentOf(message: JsonObject, path: string, needed: boolean): Content {
  const content = message.content ?? undefined;
  if (content === undefined) {
    if (needed) throw missing(`${path}.content`);
    return { text: '', media: [] };
  }
  if (typeof content === 'string') return { text: content, media: [] };
  const texts: string[] = [];
  const media: Media[] = [];
  for (const [index, part] of requiredList(message, 'content', `${path}.content`).entries()) {
    const read = partOf(objectAt(part, `${path}.content[${index}]`), `${path}.content[${index}]`);
    if (read.text !== undefined) texts.push(read.text);
    if (read.media !== undefined) media.push(read.media);
  }
  return { text: texts.join('\n'), media };
}

function callsOf(message: JsonObject, path: string): Turn['calls'] {
  return (optionalList(message, 'tool_calls', `${path}.tool_calls`) ?? []).map((value, index) => {
    const at = `${path}.tool_calls[${index}]`;
    const call = objectAt(value, at);
    const called =
      optionalObject(call, 'function', `${at}.function`) ?? optionalObject(call, 'custom', `${at}.custom`);
    if (called === undefined) throw missing(`${at}.function`);
    return {
      id: requiredText(call, 'id', `${at}.id`),
      name: requiredText(called, 'name', `${at}.function.name`),
      input: parsedOrText(
        optionalText(called, 'arguments', `${at}.function.arguments`) ?? optionalText(called, 'input') ?? '',
      ),
    };
  });
}

function toolResult(message: JsonObject, path: string, turns: Turn[]): void {
  const id = requiredText(message, 'tool_call_id', `${path}.tool_call_id`);
  const caller = turns.findLast((turn) => turn.calls.some((call) => call.id === id));
  if (caller === undefined) {
    throw new Fault(
      400,
      "Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls'.",
      { param: `${path}.role` },
    );
  }
  const { text, media } = contentOf(message, path, true);
  const result = { id, name: caller.calls.find((call) => call.id === id)?.name ?? null, text, failed: false };
  const last = turns.at(-1);
  if (last?.role === 'user' && last.results.length > 0) {
    last.results.push(result);
    last.media.push(...media);
  } else turns.push({ role: 'user', text: '', media, calls: [], results: [result] });
}

function conversation(body: JsonObject): { system: string; turns: Turn[] } {
  const system: string[] = [];
  const turns: Turn[] = [];
  const messages = requiredList(body, 'messages');
  if (messages.length === 0)
    throw new Fault(
      400,
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      { param: 'messages', code: 'empty_array' },
    );
  for (const [index, value] of messages.entries()) {
    const path = `messages[${index}]`;
    const message = objectAt(value, path);
    const role = requiredText(message, 'role', `${path}.role`);
    if (role === 'system' || role === 'developer') system.push(contentOf(message, path, true).text);
    else if (role === 'user') turns.push({ role, ...contentOf(message, path, true), calls: [], results: [] });
    else if (role === 'assistant') {
      const calls = callsOf(message, path);
      const content = contentOf(
        message,
        path,
        calls.length === 0 && message.refusal === undefined && message.audio === undefined,
      );
      turns.push({ role, ...content, calls, results: [] });
    } else if (role === 'tool') toolResult(message, path, turns);
    else if (role === 'function')
      turns.push({
        role: 'user',
        text: '',
        media: [],
        calls: [],
        results: [
          {
            id: textAt(message.name, `${path}.name`),
            name: textAt(message.name, `${path}.name`),
            text: contentOf(message, path, false).text,
            failed: false,
          },
        ],
      });
    else {
      throw new Fault(
        400,
        `Invalid value: '${role}'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.`,
        {
          param: `${path}.role`,
          code: 'invalid_value',
        },
      );
    }
  }
  return { system: system.join('\n\n'), turns };
}

function toolsOf(body: JsonObject): ToolDefinition[] {
  return (optionalList(body, 'tools') ?? []).flatMap((value, index) => {
    const path = `tools[${index}]`;
    const tool = objectAt(value, path);
    const type = requiredText(tool, 'type', `${path}.type`);
    if (type !== 'function') return [];
    const called = optionalObject(tool, 'function', `${path}.function`);
    if (called === undefined) throw missing(`${path}.function`);
    return [
      {
        name: requiredText(called, 'name', `${path}.function.name`),
        description: optionalText(called, 'description', `${path}.function.description`) ?? '',
        schema: optionalObject(called, 'parameters', `${path}.function.parameters`) ?? {
          type: 'object',
          properties: {},
        },
      },
    ];
  });
}

/** OpenAI's `tool_choice`, of both APIs: a word, or an object that names a function or allows some. */
export function openaiToolChoice(
  body: JsonObject,
  tools: ToolDefinition[],
): { choice: ToolChoice; tools: ToolDefinition[] } {
  const value = body.tool_choice ?? 'auto';
  if (value === 'auto' || value === 'none' || value === 'required') {
    if (value === 'required' && tools.length === 0)
      throw new Fault(
        400,
        "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
        { param: 'tool_choice' },
      );
    return { choice: { kind: value }, tools };
  }
  if (typeof value === 'string')
    throw new Fault(400, `Invalid value: '${value}'. Supported values are: 'none', 'auto', and 'required'.`, {
      param: 'tool_choice',
      code: 'invalid_value',
    });
  const choice = objectAt(value, 'tool_choice');
  if (choice.type === 'allowed_tools') {
    const allowed = optionalObject(choice, 'allowed_tools') ?? choice;
    const names = requiredList(allowed, 'tools', 'tool_choice.tools').map((tool) => {
      const each = objectAt(tool, 'tool_choice.tools');
      return (optionalObject(each, 'function') ?? each).name;
    });
    return {
      choice: { kind: allowed.mode === 'required' ? 'required' : 'auto' },
      tools: tools.filter((tool) => names.includes(tool.name)),
    };
  }
  const name = requiredText(
    optionalObject(choice, 'function') ?? choice,
    'name',
    'tool_choice.function.name',
  );
  if (!tools.some((tool) => tool.name === name))
    throw new Fault(
      400,
      `Invalid value for 'tool_choice': no function named '${name}' was specified in the 'tools' parameter.`,
      { param: 'tool_choice' },
    );
  return { choice: { kind: 'named', name }, tools };
}

function outputOf(body: JsonObject): OutputShape {
  const format = optionalObject(body, 'response_format');
  if (format === undefined || format.type === 'text') return { kind: 'text' };
  if (format.type === 'json_object') return { kind: 'object' };
  if (format.type !== 'json_schema')
    throw new Fault(
      400,
      `Invalid value: '${String(format.type)}'. Supported values are: 'json_object', 'json_schema', and 'text'.`,
      { param: 'response_format.type', code: 'invalid_value' },
    );
  const named = optionalObject(format, 'json_schema', 'response_format.json_schema');
  if (named === undefined) throw missing('response_format.json_schema');
  requiredText(named, 'name', 'response_format.json_schema.name');
  const schema = optionalObject(named, 'schema', 'response_format.json_schema.schema');
  return schema === undefined ? { kind: 'object' } : { kind: 'schema', schema };
}

/** Reads a chat completion request; throws a Fault (400) that names the field. */
export function readOpenaiChat(value: unknown): Ask {
  const body = bodyObject(value);
  const model = requiredText(body, 'model');
  const { system, turns } = conversation(body);
  const { choice, tools } = openaiToolChoice(body, toolsOf(body));
  optionalNumber(body, 'temperature', { low: 0, high: 2 });
  optionalNumber(body, 'top_p', { low: 0, high: 1 });
  optionalNumber(body, 'seed', { integer: true });
  const stop = textList(body, 'stop');
  if (stop.length > 4)
    throw new Fault(
      400,
      `Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length ${stop.length} instead.`,
      { param: 'stop', code: 'array_above_max_length' },
    );
  const stream = optionalFlag(body, 'stream') ?? false;
  const options = optionalObject(body, 'stream_options');
  if (options !== undefined && !stream)
    throw new Fault(400, "The 'stream_options' parameter is only allowed when 'stream' is enabled.", {
      param: 'stream_options',
    });
  const effort =
    optionalText(body, 'reasoning_effort') ?? optionalText(optionalObject(body, 'reasoning') ?? {}, 'effort');
  return {
    format: 'openai-chat',
    model,
    system,
    turns,
    tools,
    toolChoice: choice,
    parallelCalls: optionalFlag(body, 'parallel_tool_calls') ?? true,
    output: outputOf(body),
    maxTokens:
      optionalNumber(body, 'max_completion_tokens', { low: 1, integer: true }) ??
      optionalNumber(body, 'max_tokens', { low: 1, integer: true }) ??
      null,
    stop,
    choices: optionalNumber(body, 'n', { low: 1, high: 128, integer: true }) ?? 1,
    reasoning: effort === undefined || effort === 'none' || effort === 'minimal' ? 'none' : 'shown',
    stream,
    streamUsage: optionalFlag(options ?? {}, 'include_usage', 'stream_options.include_usage') ?? false,
    serverSentEvents: true,
    cacheMarkedTokens: 0,
    echo: {},
  };
}
