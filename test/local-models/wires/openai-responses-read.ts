/** Reads OpenAI responses requests. https://platform.openai.com/docs/api-reference/responses/create */
import type { Ask, JsonObject, Media, OutputShape, ToolDefinition, Turn } from '../ask.ts';
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
} from '../fields.ts';
import { openaiToolChoice } from './openai-chat-read.ts';

/** The real API refuses smaller limits. */
const LEAST_OUTPUT_TOKENS = 16;

function partOf(part: JsonObject, path: string): { text?: string; media?: Media } {
  const type = requiredText(part, 'type', `${path}.type`);
  switch (type) {
    case 'input_text':
    case 'output_text':
    case 'text':
    case 'summary_text':
      return { text: requiredText(part, 'text', `${path}.text`) };
    case 'refusal':
      return { text: requiredText(part, 'refusal', `${path}.refusal`) };
    case 'input_image':
      return { media: linkedMedia(optionalText(part, 'image_url', `${path}.image_url`) ?? '', 'image/*') };
    case 'input_audio': {
      const audio = optionalObject(part, 'input_audio', `${path}.input_audio`) ?? part;
      return {
        media: inlineMedia(
          `audio/${optionalText(audio, 'format') ?? '*'}`,
          requiredText(audio, 'data', `${path}.data`),
        ),
      };
    }
    case 'input_file': {
      const name = optionalText(part, 'filename', `${path}.filename`) ?? null;
      return {
        media: linkedMedia(
          optionalText(part, 'file_data', `${path}.file_data`) ??
            optionalText(part, 'file_url', `${path}.file_url`) ??
            '',
          'application/octet-stream',
          name,
        ),
      };
    }
    default:
      throw new Fault(
        400,
        `Invalid value: '${type}'. Supported values are: 'input_text', 'input_image', 'output_text', 'refusal', 'input_file', and 'input_audio'.`,
        {
          param: `${path}.type`,
          code: 'invalid_value',
        },
      );
  }
}

function contentOf(value: unknown, path: string): { text: string; media: Media[] } {
  if (typeof value === 'string') return { text: value, media: [] };
  if (value === undefined || value === null) throw missing(path);
  const parts = requiredList({ content: value }, 'content', path).map((part, index) =>
    partOf(objectAt(part, `${path}[${index}]`), `${path}[${index}]`),
  );
  return {
    text: parts.flatMap((part) => part.text ?? []).join('\n'),
    media: parts.flatMap((part) => part.media ?? []),
  };
}

function assistantTurn(turns: Turn[]): Turn {
  const last = turns.at(-1);
  if (last?.role === 'assistant') return last;
  const turn: Turn = { role: 'assistant', text: '', media: [], calls: [], results: [] };
  turns.push(turn);
  return turn;
}

function readItem(item: JsonObject, path: string, system: string[], turns: Turn[]): void {
  const type = optionalText(item, 'type', `${path}.type`) ?? 'message';
  if (type === 'message') {
    const role = requiredText(item, 'role', `${path}.role`);
    const content = contentOf(item.content, `${path}.content`);
    if (role === 'system' || role === 'developer') system.push(content.text);
    else if (role === 'user') turns.push({ role, ...content, calls: [], results: [] });
    else if (role === 'assistant') {
      const turn = assistantTurn(turns);
      turn.text = turn.text === '' ? content.text : `${turn.text}\n${content.text}`;
    } else
      throw new Fault(
        400,
        `Invalid value: '${role}'. Supported values are: 'assistant', 'system', 'developer', and 'user'.`,
        { param: `${path}.role`, code: 'invalid_value' },
      );
  } else if (type === 'function_call') {
    assistantTurn(turns).calls.push({
      id: requiredText(item, 'call_id', `${path}.call_id`),
      name: requiredText(item, 'name', `${path}.name`),
      input: parsedOrText(requiredText(item, 'arguments', `${path}.arguments`)),
    });
  } else if (type === 'function_call_output') {
    const id = requiredText(item, 'call_id', `${path}.call_id`);
    const call = turns.flatMap((turn) => turn.calls).find((each) => each.id === id);
    if (call === undefined)
      throw new Fault(400, `No tool call found for function call output with call_id ${id}.`, {
        param: 'input',
      });
    const { text, media } = contentOf(item.output, `${path}.output`);
    const last = turns.at(-1);
    const result = { id, name: call.name, text, failed: item.status === 'incomplete' };
    if (last?.role === 'user' && last.results.length > 0) last.results.push(result);
    else turns.push({ role: 'user', text: '', media, calls: [], results: [result] });
  } else if (type === 'item_reference') {
    throw new Fault(404, `Item with id '${String(item.id)}' not found. Items are not persisted here.`, {
      param: 'input',
    });
  }
  // Other items (reasoning, searches, shells) are taken as said: they add nothing that a stand-in reads.
}

function conversation(body: JsonObject): { system: string; turns: Turn[] } {
  const system: string[] = [];
  const turns: Turn[] = [];
  const instructions = optionalText(body, 'instructions');
  if (instructions !== undefined) system.push(instructions);
  if (typeof body.input === 'string')
    turns.push({ role: 'user', text: body.input, media: [], calls: [], results: [] });
  else {
    const items = requiredList(body, 'input');
    if (items.length === 0)
      throw new Fault(
        400,
        "Invalid 'input': empty array. Expected an array with minimum length 1, but got an empty array instead.",
        { param: 'input', code: 'empty_array' },
      );
    for (const [index, item] of items.entries())
      readItem(objectAt(item, `input[${index}]`), `input[${index}]`, system, turns);
  }
  return { system: system.join('\n\n'), turns };
}

function toolsOf(body: JsonObject): ToolDefinition[] {
  return (optionalList(body, 'tools') ?? []).flatMap((value, index) => {
    const path = `tools[${index}]`;
    const tool = objectAt(value, path);
    if (requiredText(tool, 'type', `${path}.type`) !== 'function') return [];
    return [
      {
        name: requiredText(tool, 'name', `${path}.name`),
        description: optionalText(tool, 'description', `${path}.description`) ?? '',
        schema: optionalObject(tool, 'parameters', `${path}.parameters`) ?? {
          type: 'object',
          properties: {},
        },
      },
    ];
  });
}

function outputOf(body: JsonObject): OutputShape {
  const format = optionalObject(optionalObject(body, 'text') ?? {}, 'format', 'text.format');
  if (format === undefined || format.type === 'text') return { kind: 'text' };
  if (format.type === 'json_object') return { kind: 'object' };
  if (format.type !== 'json_schema')
    throw new Fault(
      400,
      `Invalid value: '${String(format.type)}'. Supported values are: 'json_object', 'json_schema', and 'text'.`,
      { param: 'text.format.type', code: 'invalid_value' },
    );
  requiredText(format, 'name', 'text.format.name');
  const schema = optionalObject(format, 'schema', 'text.format.schema');
  if (schema === undefined) throw missing('text.format.schema');
  return { kind: 'schema', schema };
}

/** Reads a responses request; throws a Fault (400) that names the field. Nothing is stored, so earlier responses are unknown. */
export function readOpenaiResponses(value: unknown): Ask {
  const body = bodyObject(value);
  const model = requiredText(body, 'model');
  const { system, turns } = conversation(body);
  const earlier = optionalText(body, 'previous_response_id');
  if (earlier !== undefined)
    throw new Fault(400, `Previous response with id '${earlier}' not found.`, {
      param: 'previous_response_id',
      code: 'previous_response_not_found',
    });
  const allTools = toolsOf(body);
  const { choice, tools } = openaiToolChoice(body, allTools);
  const reasoning = optionalObject(body, 'reasoning');
  const effort = reasoning === undefined ? undefined : optionalText(reasoning, 'effort', 'reasoning.effort');
  const summary =
    reasoning === undefined ? undefined : optionalText(reasoning, 'summary', 'reasoning.summary');
  const most = optionalNumber(body, 'max_output_tokens', { low: LEAST_OUTPUT_TOKENS, integer: true });
  const parallel = optionalFlag(body, 'parallel_tool_calls') ?? true;
  const temperature = optionalNumber(body, 'temperature', { low: 0, high: 2 });
  const topP = optionalNumber(body, 'top_p', { low: 0, high: 1 });
  const includes = (optionalList(body, 'include') ?? []).includes('reasoning.encrypted_content');
  return {
    format: 'openai-responses',
    model,
    system,
    turns,
    tools,
    toolChoice: choice,
    parallelCalls: parallel,
    output: outputOf(body),
    maxTokens: most ?? null,
    stop: [],
    choices: 1,
    reasoning:
      reasoning === undefined || effort === 'none' || effort === 'minimal'
        ? 'none'
        : summary === undefined
          ? 'hidden'
          : 'shown',
    stream: optionalFlag(body, 'stream') ?? false,
    streamUsage: true,
    serverSentEvents: true,
    cacheMarkedTokens: 0,
    echo: {
      instructions: body.instructions ?? null,
      max_output_tokens: most ?? null,
      metadata: optionalObject(body, 'metadata') ?? {},
      parallel_tool_calls: parallel,
      reasoning: { effort: effort ?? null, summary: summary ?? null },
      store: optionalFlag(body, 'store') ?? true,
      temperature: temperature ?? 1,
      text: optionalObject(body, 'text') ?? { format: { type: 'text' } },
      tool_choice: body.tool_choice ?? 'auto',
      tools: optionalList(body, 'tools') ?? [],
      top_p: topP ?? 1,
      truncation: optionalText(body, 'truncation') ?? 'disabled',
      user: optionalText(body, 'user') ?? null,
      encrypted: includes,
    },
  };
}
