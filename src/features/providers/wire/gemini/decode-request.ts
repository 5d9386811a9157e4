import type { DecodedRequest } from '../../codec.ts';
import type {
  ConversationRequest,
  Dropped,
  JsonObject,
  Message,
  OutputFormat,
  ReasoningOptions,
  TextPart,
  Tool,
  ToolChoice,
} from '../../conversation.ts';
import {
  given,
  invalid,
  name,
  number,
  object,
  oneOf,
  optionalBoolean,
  optionalInteger,
  optionalNumber,
  optionalObject,
  optionalString,
  requestBody,
  string,
  strings,
  unknownFields,
} from '../fields.ts';
import { addAssistantTurn, addToolResults } from '../turns.ts';
import { contentOf, type DecodeContext, joinedChunks, modelContent, userContent } from './decode-content.ts';
import { DEFAULT_SCHEMA_NAME } from './encode-request.ts';
import { bothSpellings, member, repeated } from './members.ts';
import { jsonSchemaOf } from './schema.ts';

const KNOWN = bothSpellings([
  'contents',
  'systemInstruction',
  'tools',
  'toolConfig',
  'generationConfig',
  'serviceTier',
  'model',
]);
const KNOWN_CONFIG = bothSpellings([
  'maxOutputTokens',
  'temperature',
  'topP',
  'topK',
  'stopSequences',
  'seed',
  'candidateCount',
  'presencePenalty',
  'frequencyPenalty',
  'responseLogprobs',
  'logprobs',
  'responseMimeType',
  'responseSchema',
  'responseJsonSchema',
  'thinkingConfig',
]);

/**
 * A body of Gemini's `generateContent` in neutral form; `path` carries the model and whether the answer streams. Google's own tools and every
 * parameter without a neutral form are kept in `extra`.
 */
export function decodeRequest(
  value: unknown,
  path?: { readonly model: string; readonly stream: boolean },
): DecodedRequest {
  const body = requestBody(value);
  const dropped: Dropped[] = [];
  const tools = decodeTools(body, dropped);
  const config = optionalObject(member(body, 'generationConfig'), 'generationConfig') ?? {};
  const calling = decodeToolConfig(body);
  const thinking = decodeThinking(config);
  const format = decodeOutput(config);
  const moreConfig = {
    ...unknownFields(config, KNOWN_CONFIG),
    ...given('thinkingConfig', thinking.extra),
    ...format.extra,
  };
  const extra = {
    ...unknownFields(body, KNOWN),
    ...(tools.own.length === 0 ? {} : { tools: tools.own }),
    ...given('toolConfig', calling.extra),
    ...(Object.keys(moreConfig).length === 0 ? {} : { generationConfig: moreConfig }),
  };
  const tier = optionalString(member(body, 'serviceTier'), 'serviceTier');

  const request: ConversationRequest = {
    model: modelName(path?.model ?? member(body, 'model')),
    messages: decodeMessages(body, dropped),
    ...(tools.functions.length === 0 ? {} : { tools: tools.functions }),
    ...given('toolChoice', calling.toolChoice),
    ...given('output', format.output),
    ...decodeSampling(config, dropped),
    ...given('reasoning', thinking.reasoning),
    ...(tier === undefined || tier === 'unspecified'
      ? {}
      : { serviceTier: tier === 'standard' ? 'default' : tier }),
    stream: path?.stream ?? false,
    ...(Object.keys(extra).length === 0 ? {} : { extra, extraFormat: 'gemini' as const }),
  };
  return { request, dropped };
}

/** The name without its folder `models/`. */
function modelName(value: unknown): string {
  return name(value, 'model').replace(/^models\//, '');
}

function decodeMessages(body: JsonObject, dropped: Dropped[]): Message[] {
  const messages: Message[] = [];
  const instruction = member(body, 'systemInstruction');
  if (instruction !== undefined) {
    const parts = systemParts(contentOf(instruction, 'systemInstruction'), dropped);
    if (parts.length > 0) messages.push({ role: 'system', parts });
  }
  const context: DecodeContext = { dropped, waiting: [], callNames: new Map() };
  const contents = member(body, 'contents');
  if (contents === undefined) throw invalid('contents', 'must be an array');
  for (const [index, item] of repeated(contents, 'contents').entries()) {
    const path = `contents[${index}]`;
    const content = contentOf(item, path);
    // `function` is the role of function responses in older versions of the API.
    const role = oneOf(member(content, 'role') ?? 'user', `${path}.role`, ['user', 'model', 'function']);
    if (role === 'model') addAssistantTurn(messages, modelContent(content, index, context), joinedChunks);
    else {
      const { parts, results } = userContent(content, index, context);
      addToolResults(messages, results);
      if (parts.length > 0) messages.push({ role: 'user', parts });
    }
  }
  return messages;
}

function systemParts(content: JsonObject, dropped: Dropped[]): TextPart[] {
  const parts: TextPart[] = [];
  for (const [index, item] of repeated(member(content, 'parts'), 'systemInstruction.parts').entries()) {
    const path = `systemInstruction.parts[${index}]`;
    const text = member(object(item, path), 'text');
    if (text === undefined) dropped.push({ path, reason: 'a system message is text' });
    else if (string(text, `${path}.text`) !== '')
      parts.push({ type: 'text', text: string(text, `${path}.text`) });
  }
  return parts;
}

const FUNCTION_FIELDS = bothSpellings(['name', 'description', 'parameters', 'parametersJsonSchema']);
const DECLARATIONS = bothSpellings(['functionDeclarations']);

/** Functions, and Google's own tools (`googleSearch`, `codeExecution`, …), which only its wire can carry. */
function decodeTools(body: JsonObject, dropped: Dropped[]): { functions: Tool[]; own: JsonObject[] } {
  const functions: Tool[] = [];
  const own: JsonObject[] = [];
  for (const [index, item] of repeated(member(body, 'tools'), 'tools').entries()) {
    const tool = object(item, `tools[${index}]`);
    const rest = unknownFields(tool, DECLARATIONS);
    if (rest !== undefined) own.push(rest);
    const list = `tools[${index}].functionDeclarations`;
    for (const [at, entry] of repeated(member(tool, 'functionDeclarations'), list).entries()) {
      const path = `${list}[${at}]`;
      const declaration = object(entry, path);
      for (const field of Object.keys(unknownFields(declaration, FUNCTION_FIELDS) ?? {}))
        dropped.push({
          path: `${path}.${field}`,
          reason: 'a function has no such field in the neutral form',
        });
      functions.push({
        name: name(member(declaration, 'name'), `${path}.name`),
        ...given('description', optionalString(member(declaration, 'description'), `${path}.description`)),
        parameters: parametersOf(declaration, path),
      });
    }
  }
  return { functions, own };
}

function parametersOf(declaration: JsonObject, path: string): JsonObject {
  const json = optionalObject(member(declaration, 'parametersJsonSchema'), `${path}.parametersJsonSchema`);
  if (json !== undefined) return json;
  const schema = optionalObject(member(declaration, 'parameters'), `${path}.parameters`);
  return schema === undefined ? { type: 'object', properties: {} } : jsonSchemaOf(schema);
}

function decodeToolConfig(body: JsonObject): { toolChoice?: ToolChoice; extra?: JsonObject } {
  const config = optionalObject(member(body, 'toolConfig'), 'toolConfig');
  if (config === undefined) return {};
  const at = 'toolConfig.functionCallingConfig';
  const calling = optionalObject(member(config, 'functionCallingConfig'), at);
  const rest = unknownFields(config, bothSpellings(['functionCallingConfig']));
  if (calling === undefined) return given('extra', rest);
  const mode = optionalString(member(calling, 'mode'), `${at}.mode`);
  const allowed = member(calling, 'allowedFunctionNames');
  const names = allowed === undefined ? [] : strings(allowed, `${at}.allowedFunctionNames`);
  const extra = (more: JsonObject): JsonObject => ({ ...rest, functionCallingConfig: more });
  switch (mode?.toUpperCase() ?? 'MODE_UNSPECIFIED') {
    case 'MODE_UNSPECIFIED':
      return given('extra', rest);
    case 'AUTO':
      return { toolChoice: 'auto', ...given('extra', rest) };
    case 'NONE':
      return { toolChoice: 'none', ...given('extra', rest) };
    case 'ANY': {
      const [only, ...more] = names;
      if (only === undefined) return { toolChoice: 'required', ...given('extra', rest) };
      if (more.length === 0) return { toolChoice: { name: only }, ...given('extra', rest) };
      // Several names cannot be said neutrally: any tool, and the names for Gemini itself.
      return { toolChoice: 'required', extra: extra({ allowedFunctionNames: names }) };
    }
    case 'VALIDATED':
      return { extra: extra(calling) };
    default:
      throw invalid(`${at}.mode`, 'must be one of "AUTO", "ANY", "NONE", "VALIDATED"');
  }
}

function decodeSampling(config: JsonObject, dropped: Dropped[]): Partial<ConversationRequest> {
  const at = (field: string): string => `generationConfig.${field}`;
  const real = (field: string, min?: number, max?: number): number | undefined =>
    optionalNumber(member(config, field), at(field), min, max);
  const whole = (field: string, min?: number): number | undefined =>
    optionalInteger(member(config, field), at(field), min);
  const stop = member(config, 'stopSequences');
  const sequences = stop === undefined ? [] : strings(stop, at('stopSequences'));
  const asked = optionalBoolean(member(config, 'responseLogprobs'), at('responseLogprobs')) === true;
  const logprobs = whole('logprobs', 0);
  if (!asked && logprobs !== undefined)
    dropped.push({ path: at('logprobs'), reason: 'means nothing without responseLogprobs' });
  return {
    ...given('maxTokens', whole('maxOutputTokens', 1)),
    ...given('temperature', real('temperature', 0, 2)),
    ...given('topP', real('topP', 0, 1)),
    ...given('topK', topK(member(config, 'topK'))),
    ...(sequences.length === 0 ? {} : { stop: sequences }),
    ...given('seed', whole('seed')),
    ...given('choices', whole('candidateCount', 1)),
    ...given('presencePenalty', real('presencePenalty', -2, 2)),
    ...given('frequencyPenalty', real('frequencyPenalty', -2, 2)),
    ...(asked ? { logprobs: logprobs ?? 0 } : {}),
  };
}

/** `topK` is a float on Vertex's wire, though whole in meaning. */
function topK(value: unknown): number | undefined {
  return value === undefined ? undefined : Math.round(number(value, 'generationConfig.topK', 0));
}

/** A budget of -1 (automatic) is the default and stays in `extra` alone. */
function decodeThinking(config: JsonObject): { reasoning?: ReasoningOptions; extra?: JsonObject } {
  const at = 'generationConfig.thinkingConfig';
  const thinking = optionalObject(member(config, 'thinkingConfig'), at);
  if (thinking === undefined) return {};
  const level = optionalString(member(thinking, 'thinkingLevel'), `${at}.thinkingLevel`)?.toLowerCase();
  const budget = optionalInteger(member(thinking, 'thinkingBudget'), `${at}.thinkingBudget`, -1);
  const include = optionalBoolean(member(thinking, 'includeThoughts'), `${at}.includeThoughts`);
  const reasoning: ReasoningOptions = {
    ...(level === undefined || level === 'thinking_level_unspecified' ? {} : { effort: level }),
    ...(budget === undefined || budget === -1 ? {} : { budgetTokens: budget }),
    ...given('include', include),
  };
  const extra = {
    ...unknownFields(thinking, bothSpellings(['thinkingLevel', 'thinkingBudget', 'includeThoughts'])),
    ...(budget === -1 ? { thinkingBudget: -1 } : {}),
  };
  return {
    ...(Object.keys(reasoning).length === 0 ? {} : { reasoning }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

/** What no neutral output stands for (`text/x.enum`, a schema without the JSON type) goes on to Gemini as it is. */
function decodeOutput(config: JsonObject): { output?: OutputFormat; extra?: JsonObject } {
  const at = 'generationConfig';
  const type = optionalString(member(config, 'responseMimeType'), `${at}.responseMimeType`);
  const json = optionalObject(member(config, 'responseJsonSchema'), `${at}.responseJsonSchema`);
  const dialect = optionalObject(member(config, 'responseSchema'), `${at}.responseSchema`);
  if (type !== 'application/json') {
    const extra = {
      ...(type === undefined || type === 'text/plain' ? {} : { responseMimeType: type }),
      ...given('responseJsonSchema', json),
      ...given('responseSchema', dialect),
    };
    return Object.keys(extra).length === 0 ? {} : { extra };
  }
  const schema = json ?? (dialect && jsonSchemaOf(dialect));
  if (schema === undefined) return { output: { kind: 'json_object' } };
  return { output: { kind: 'json_schema', name: DEFAULT_SCHEMA_NAME, schema } };
}
