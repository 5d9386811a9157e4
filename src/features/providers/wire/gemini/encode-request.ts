import type { EncodedRequest } from '../../codec.ts';
import type {
  ConversationRequest,
  Dropped,
  JsonObject,
  Message,
  ReasoningOptions,
} from '../../conversation.ts';
import { withExtra } from '../extras.ts';
import { given } from '../fields.ts';
import { leadingSystemCount } from '../turns.ts';
import { type ContentContext, functionResponse, modelParts, userPart } from './encode-content.ts';
import { type ModelTraits, traitsOf } from './traits.ts';

/** The name that a schema gets when it comes from a format that names none. */
export const DEFAULT_SCHEMA_NAME = 'output';

/** The most stop sequences that the API takes. */
const MAX_STOP_SEQUENCES = 5;

/**
 * A neutral request as the body of Gemini's `generateContent`, or `streamGenerateContent`: model and streaming stand in the path. `traits`
 * are known from the model's name by default.
 */
export function encodeRequest(
  request: ConversationRequest,
  traits: ModelTraits = traitsOf(request.model),
): EncodedRequest {
  const dropped: Dropped[] = [];
  const { system, contents } = encodeMessages(request.messages, traits, dropped);
  const config = generationConfig(request, traits, dropped);
  const body: JsonObject = {
    contents,
    ...(system.length === 0 ? {} : { systemInstruction: { parts: system } }),
    ...tools(request, dropped),
    ...(Object.keys(config).length === 0 ? {} : { generationConfig: config }),
    ...serviceTier(request.serviceTier, dropped),
  };
  nameTheUnsaid(request, dropped);
  return {
    path: requestPath(request.model, request.stream),
    body: withExtra(body, request, 'gemini', dropped),
    dropped,
  };
}

/** `/models/NAME:generateContent`; tuned models have a folder of their own. */
function requestPath(model: string, stream: boolean): string {
  const name = model.replace(/^models\//, '');
  const folder = name.startsWith('tunedModels/') ? 'tunedModels' : 'models';
  const last = encodeURIComponent(name.replace(/^tunedModels\//, ''));
  return `/${folder}/${last}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`;
}

/** Contents have the roles `user` and `model` alone: system messages behind the first turn join `systemInstruction`, with their authority. */
function encodeMessages(
  messages: readonly Message[],
  traits: ModelTraits,
  dropped: Dropped[],
): { system: JsonObject[]; contents: JsonObject[] } {
  const context: ContentContext = { dropped, callNames: new Map(), signedCalls: traits.signedCalls };
  const leading = leadingSystemCount(messages);
  const system: JsonObject[] = [];
  const contents: JsonObject[] = [];
  const add = (role: 'user' | 'model', parts: readonly (JsonObject | undefined)[]): void => {
    const present = parts.filter((part) => part !== undefined);
    if (present.length > 0) contents.push({ role, parts: present });
  };
  for (const [index, message] of messages.entries()) {
    const path = `messages[${index}]`;
    if ('name' in message && message.name !== undefined)
      dropped.push({ path: `${path}.name`, reason: 'a turn carries no name' });
    switch (message.role) {
      case 'system':
        if (index >= leading)
          dropped.push({ path: `${path}.role`, reason: 'moved to the system instruction' });
        for (const [at, part] of message.parts.entries()) {
          const text = userPart(part, `${path}.parts[${at}]`, dropped);
          if (text !== undefined) system.push(text);
        }
        break;
      case 'user':
        add(
          'user',
          message.parts.map((part, at) => userPart(part, `${path}.parts[${at}]`, dropped)),
        );
        break;
      case 'assistant':
        add('model', modelParts(message.parts, path, context));
        break;
      case 'tool':
        add(
          'user',
          message.parts.map((part, at) => functionResponse(part, `${path}.parts[${at}]`, context)),
        );
        break;
    }
  }
  return { system, contents };
}

function tools(request: ConversationRequest, dropped: Dropped[]): JsonObject {
  const functions = request.tools ?? [];
  const choice = request.toolChoice;
  if (request.parallelToolCalls === false)
    dropped.push({ path: 'parallelToolCalls', reason: 'the format cannot forbid calls at once' });
  for (const [index, tool] of functions.entries()) {
    for (const field of ['strict', 'cache'] as const)
      if (tool[field] !== undefined)
        dropped.push({ path: `tools[${index}].${field}`, reason: 'a function has no such field' });
  }
  return {
    ...(functions.length === 0
      ? {}
      : {
          tools: [
            {
              functionDeclarations: functions.map((tool) => ({
                name: tool.name,
                ...given('description', tool.description),
                parametersJsonSchema: tool.parameters,
              })),
            },
          ],
        }),
    ...(choice === undefined ? {} : { toolConfig: { functionCallingConfig: callingConfig(choice) } }),
  };
}

function callingConfig(choice: NonNullable<ConversationRequest['toolChoice']>): JsonObject {
  if (typeof choice === 'object') return { mode: 'ANY', allowedFunctionNames: [choice.name] };
  return { mode: choice === 'required' ? 'ANY' : choice === 'none' ? 'NONE' : 'AUTO' };
}

function generationConfig(request: ConversationRequest, traits: ModelTraits, dropped: Dropped[]): JsonObject {
  const stop = request.stop ?? [];
  for (let index = MAX_STOP_SEQUENCES; index < stop.length; index += 1)
    dropped.push({ path: `stop[${index}]`, reason: `the format takes ${MAX_STOP_SEQUENCES} stop sequences` });
  const { logprobs } = request;
  return {
    ...given('maxOutputTokens', request.maxTokens),
    ...given('temperature', request.temperature),
    ...given('topP', request.topP),
    ...given('topK', request.topK),
    ...(stop.length === 0 ? {} : { stopSequences: stop.slice(0, MAX_STOP_SEQUENCES) }),
    ...given('seed', request.seed),
    ...given('candidateCount', request.choices),
    ...given('presencePenalty', request.presencePenalty),
    ...given('frequencyPenalty', request.frequencyPenalty),
    ...(logprobs === undefined ? {} : { responseLogprobs: true, ...(logprobs > 0 ? { logprobs } : {}) }),
    ...output(request, dropped),
    ...given('thinkingConfig', thinkingConfig(request.reasoning, traits, dropped)),
  };
}

function output(request: ConversationRequest, dropped: Dropped[]): JsonObject {
  const wish = request.output;
  if (wish === undefined) return {};
  if (wish.kind === 'json_object') return { responseMimeType: 'application/json' };
  if (wish.name !== DEFAULT_SCHEMA_NAME)
    dropped.push({ path: 'output.name', reason: 'the schema has no name' });
  for (const field of ['description', 'strict'] as const)
    if (wish[field] !== undefined)
      dropped.push({ path: `output.${field}`, reason: 'the schema stands alone' });
  return { responseMimeType: 'application/json', responseJsonSchema: wish.schema };
}

const LEVELS: ReadonlySet<string> = new Set(['minimal', 'low', 'medium', 'high']);

/** Budgets of the efforts for models without levels, as Google's page "OpenAI compatibility" sets them. */
const BUDGET_OF_EFFORT: Readonly<Record<string, number>> = {
  minimal: 1_024,
  low: 1_024,
  medium: 8_192,
  high: 24_576,
};

/** `thinkingConfig` ("Gemini thinking"): a level or a budget, never both. Reasoning with nothing more said shows the thoughts. */
function thinkingConfig(
  reasoning: ReasoningOptions | undefined,
  traits: ModelTraits,
  dropped: Dropped[],
): JsonObject | undefined {
  if (reasoning === undefined) return undefined;
  const { effort, budgetTokens, include } = reasoning;
  const shown = given('includeThoughts', include);
  if (effort === 'none' || budgetTokens === 0) {
    if (effort !== undefined && effort !== 'none')
      dropped.push({ path: 'reasoning.effort', reason: 'thinking is switched off' });
    if (effort === 'none' && budgetTokens !== undefined && budgetTokens !== 0)
      dropped.push({ path: 'reasoning.budgetTokens', reason: 'effort none switches thinking off' });
    return { ...traits.off, ...shown };
  }
  if (budgetTokens !== undefined) {
    if (effort !== undefined) dropped.push({ path: 'reasoning.effort', reason: 'a budget excludes a level' });
    return { thinkingBudget: budgetTokens, ...shown };
  }
  if (effort === undefined) return { includeThoughts: include ?? true };
  const level = effort === 'xhigh' || effort === 'max' ? 'high' : effort;
  if (!LEVELS.has(level)) {
    dropped.push({ path: 'reasoning.effort', reason: 'not a level that the format knows' });
    return include === undefined ? undefined : shown;
  }
  if (level !== effort) dropped.push({ path: 'reasoning.effort', reason: 'sent as high, the most here' });
  if (traits.thinkingLevel) return { thinkingLevel: level.toUpperCase(), ...shown };
  if (level === effort) dropped.push({ path: 'reasoning.effort', reason: 'the model knows budgets alone' });
  return { thinkingBudget: BUDGET_OF_EFFORT[level], ...shown };
}

/** The tiers in OpenAI's words, which the neutral form uses: `default` is Gemini's `standard`. */
function serviceTier(tier: string | undefined, dropped: Dropped[]): JsonObject {
  if (tier === undefined) return {};
  if (tier === 'default' || tier === 'standard') return { serviceTier: 'standard' };
  if (tier === 'flex' || tier === 'priority') return { serviceTier: tier };
  dropped.push({ path: 'serviceTier', reason: 'the format knows default, flex and priority only' });
  return {};
}

function nameTheUnsaid(request: ConversationRequest, dropped: Dropped[]): void {
  for (const path of ['user', 'metadata', 'verbosity', 'promptCacheKey'] as const)
    if (request[path] !== undefined) dropped.push({ path, reason: 'the format has no such parameter' });
}
