/** Reads Gemini requests, in camelCase and in snake_case. https://ai.google.dev/api/generate-content */
import type { Ask, JsonObject, Media, OutputShape, ToolChoice, ToolDefinition, Turn } from '../ask.ts';
import { Fault } from '../fault.ts';
import {
  bodyObject,
  field,
  inlineMedia,
  linkedMedia,
  objectAt,
  optionalFlag,
  optionalList,
  optionalNumber,
  optionalObject,
  optionalText,
  requiredText,
  textAt,
  textList,
} from '../fields.ts';

const KNOWN = [
  'contents',
  'systemInstruction',
  'tools',
  'toolConfig',
  'safetySettings',
  'generationConfig',
  'cachedContent',
  'labels',
  'model',
  'store',
  'serviceTier',
].flatMap((name) => [name, name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)]);

function mediaOf(part: JsonObject, path: string): Media | undefined {
  const inline = optionalObject(part, 'inlineData', `${path}.inline_data`);
  if (inline !== undefined)
    return inlineMedia(
      requiredText(inline, 'mimeType', `${path}.inline_data.mime_type`),
      requiredText(inline, 'data', `${path}.inline_data.data`),
      optionalText(inline, 'displayName') ?? null,
    );
  const file = optionalObject(part, 'fileData', `${path}.file_data`);
  if (file === undefined) return undefined;
  return linkedMedia(
    requiredText(file, 'fileUri', `${path}.file_data.file_uri`),
    optionalText(file, 'mimeType', `${path}.file_data.mime_type`) ?? 'application/octet-stream',
  );
}

function readParts(content: JsonObject, path: string, turn: Turn, calls: Turn['calls']): void {
  const parts = optionalList(content, 'parts', `${path}.parts`) ?? [];
  const texts: string[] = [];
  for (const [index, value] of parts.entries()) {
    const at = `${path}.parts[${index}]`;
    const part = objectAt(value, at);
    const text = optionalText(part, 'text', `${at}.text`);
    const media = mediaOf(part, at);
    const call = optionalObject(part, 'functionCall', `${at}.function_call`);
    const result = optionalObject(part, 'functionResponse', `${at}.function_response`);
    if (text !== undefined) {
      if (optionalFlag(part, 'thought', `${at}.thought`) !== true) texts.push(text);
    } else if (media !== undefined) turn.media.push(media);
    else if (call !== undefined) {
      const name = requiredText(call, 'name', `${at}.function_call.name`);
      const made = {
        id: optionalText(call, 'id') ?? name,
        name,
        input: optionalObject(call, 'args', `${at}.function_call.args`) ?? {},
      };
      turn.calls.push(made);
      calls.push(made);
    } else if (result !== undefined) {
      const name = requiredText(result, 'name', `${at}.function_response.name`);
      const response = optionalObject(result, 'response', `${at}.function_response.response`) ?? {};
      const plain = response.output ?? response.result ?? response.error;
      turn.results.push({
        id: optionalText(result, 'id') ?? name,
        name,
        text: typeof plain === 'string' ? plain : JSON.stringify(response),
        failed: response.error !== undefined,
      });
      for (const [place, piece] of (
        optionalList(result, 'parts', `${at}.function_response.parts`) ?? []
      ).entries()) {
        const path = `${at}.function_response.parts[${place}]`;
        const media = mediaOf(objectAt(piece, path), path);
        if (media !== undefined) turn.media.push(media);
      }
    } else if (
      !['executableCode', 'codeExecutionResult', 'thoughtSignature', 'toolCall', 'toolResponse'].some(
        (name) => field(part, name) !== undefined,
      )
    ) {
      throw new Fault(
        400,
        `* GenerateContentRequest.${at}.data: required oneof field 'data' must have one initialized field`,
        { param: at },
      );
    }
  }
  turn.text = texts.join('\n');
}

/** Reads a list of contents into turns. */
export function geminiTurns(body: JsonObject): Turn[] {
  const contents = optionalList(body, 'contents');
  if (contents === undefined || contents.length === 0)
    throw new Fault(400, '* GenerateContentRequest.contents: contents is not specified', {
      param: 'contents',
    });
  const calls: Turn['calls'] = [];
  const turns: Turn[] = [];
  for (const [index, value] of contents.entries()) {
    const path = `contents[${index}]`;
    const content = objectAt(value, path);
    const role = optionalText(content, 'role', `${path}.role`) ?? 'user';
    if (role !== 'user' && role !== 'model' && role !== 'function')
      throw new Fault(400, 'Please use a valid role: user, model.', { param: `${path}.role` });
    const turn: Turn = {
      role: role === 'model' ? 'assistant' : 'user',
      text: '',
      media: [],
      calls: [],
      results: [],
    };
    readParts(content, path, turn, calls);
    if (turn.results.length > 0 && calls.length === 0) {
      throw new Fault(
        400,
        'Please ensure that function response turn comes immediately after a function call turn.',
        { param: path },
      );
    }
    turns.push(turn);
  }
  return turns;
}

function systemOf(body: JsonObject): string {
  const value = field(body, 'systemInstruction');
  if (value === undefined) return '';
  const content = objectAt(value, 'system_instruction');
  return (optionalList(content, 'parts', 'system_instruction.parts') ?? [])
    .map((part, index) => optionalText(objectAt(part, `system_instruction.parts[${index}]`), 'text') ?? '')
    .join('\n');
}

function toolsOf(body: JsonObject): ToolDefinition[] {
  return (optionalList(body, 'tools') ?? []).flatMap((value, index) => {
    const tool = objectAt(value, `tools[${index}]`);
    return (optionalList(tool, 'functionDeclarations', `tools[${index}].function_declarations`) ?? []).map(
      (each, at) => {
        const path = `tools[${index}].function_declarations[${at}]`;
        const declaration = objectAt(each, path);
        return {
          name: requiredText(declaration, 'name', `${path}.name`),
          description: optionalText(declaration, 'description', `${path}.description`) ?? '',
          schema: field(declaration, 'parametersJsonSchema') ??
            field(declaration, 'parameters') ?? { type: 'object', properties: {} },
        };
      },
    );
  });
}

function toolChoiceOf(
  body: JsonObject,
  tools: ToolDefinition[],
): { choice: ToolChoice; tools: ToolDefinition[] } {
  const config =
    optionalObject(
      optionalObject(body, 'toolConfig', 'tool_config') ?? {},
      'functionCallingConfig',
      'tool_config.function_calling_config',
    ) ?? {};
  const mode = (
    optionalText(config, 'mode', 'tool_config.function_calling_config.mode') ?? 'AUTO'
  ).toUpperCase();
  const names = (optionalList(config, 'allowedFunctionNames') ?? []).map((name) =>
    textAt(name, 'tool_config.function_calling_config.allowed_function_names'),
  );
  const allowed = names.length === 0 ? tools : tools.filter((tool) => names.includes(tool.name));
  const only = allowed[0];
  if (mode === 'NONE') return { choice: { kind: 'none' }, tools };
  if (mode === 'ANY')
    return {
      choice:
        names.length === 1 && only !== undefined ? { kind: 'named', name: only.name } : { kind: 'required' },
      tools: allowed,
    };
  if (mode === 'AUTO' || mode === 'VALIDATED' || mode === 'MODE_UNSPECIFIED')
    return { choice: { kind: 'auto' }, tools: allowed };
  throw new Fault(400, `Invalid value at 'tool_config.function_calling_config.mode', "${mode}"`, {
    param: 'tool_config.function_calling_config.mode',
  });
}

function outputOf(config: JsonObject): OutputShape {
  const type =
    optionalText(config, 'responseMimeType', 'generation_config.response_mime_type') ?? 'text/plain';
  const schema = field(config, 'responseJsonSchema') ?? field(config, 'responseSchema');
  if (schema !== undefined && type === 'text/plain') {
    throw new Fault(
      400,
      "* GenerateContentRequest.generation_config.response_mime_type: 'application/json' is required when a response schema is set",
      { param: 'generation_config.response_mime_type' },
    );
  }
  if (type === 'text/plain') return { kind: 'text' };
  if (type !== 'application/json' && type !== 'text/x.enum') {
    throw new Fault(
      400,
      `* GenerateContentRequest.generation_config.response_mime_type: allowed mimetypes are \`text/plain\`, \`application/json\` and \`text/x.enum\`.`,
      { param: 'generation_config.response_mime_type' },
    );
  }
  return schema === undefined
    ? { kind: 'object' }
    : { kind: 'schema', schema: objectAt(schema, 'generation_config.response_schema') };
}

/** Reads a generateContent request; throws a Fault (400). Unknown fields are refused, as the real API refuses them. */
export function readGemini(value: unknown, model: string, stream: boolean, serverSentEvents: boolean): Ask {
  const body = bodyObject(value);
  const unknown = Object.keys(body).find((name) => !KNOWN.includes(name));
  if (unknown !== undefined)
    throw new Fault(400, `Invalid JSON payload received. Unknown name "${unknown}": Cannot find field.`, {
      param: unknown,
    });
  const config = optionalObject(body, 'generationConfig', 'generation_config') ?? {};
  const thinking = optionalObject(config, 'thinkingConfig', 'generation_config.thinking_config');
  const budget =
    thinking === undefined
      ? undefined
      : optionalNumber(
          thinking,
          'thinkingBudget',
          { integer: true },
          'generation_config.thinking_config.thinking_budget',
        );
  const shown =
    thinking !== undefined &&
    optionalFlag(thinking, 'includeThoughts', 'generation_config.thinking_config.include_thoughts') === true;
  optionalNumber(config, 'temperature', { low: 0, high: 2 }, 'generation_config.temperature');
  optionalNumber(config, 'topP', { low: 0, high: 1 }, 'generation_config.top_p');
  const { choice, tools } = toolChoiceOf(body, toolsOf(body));
  return {
    format: 'gemini',
    model,
    system: systemOf(body),
    turns: geminiTurns(body),
    tools,
    toolChoice: choice,
    parallelCalls: true,
    output: outputOf(config),
    maxTokens:
      optionalNumber(
        config,
        'maxOutputTokens',
        { low: 1, integer: true },
        'generation_config.max_output_tokens',
      ) ?? null,
    stop: textList({ stop_sequences: field(config, 'stopSequences') }, 'stop_sequences'),
    choices:
      optionalNumber(
        config,
        'candidateCount',
        { low: 1, high: 8, integer: true },
        'generation_config.candidate_count',
      ) ?? 1,
    reasoning: thinking === undefined || budget === 0 ? 'none' : shown ? 'shown' : 'hidden',
    stream,
    streamUsage: true,
    serverSentEvents,
    cacheMarkedTokens: 0,
    echo: {},
  };
}
