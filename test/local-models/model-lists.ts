/** The models as each provider lists them, with its way of paging. */
import type { Format, JsonObject } from './ask.ts';
import { Fault } from './fault.ts';
import {
  allModels,
  CONTEXT_TOKENS,
  CREATED_AT,
  findModel,
  type LocalModel,
  OUTPUT_TOKENS,
} from './models.ts';

function described(model: LocalModel, format: Format): JsonObject {
  if (format === 'anthropic')
    return {
      type: 'model',
      id: model.name,
      display_name: model.title,
      created_at: new Date(CREATED_AT * 1000).toISOString().replace('.000', ''),
      max_input_tokens: CONTEXT_TOKENS,
      max_tokens: OUTPUT_TOKENS,
    };
  if (format === 'gemini') {
    const methods = [
      ...(model.chats ? ['generateContent', 'countTokens'] : []),
      ...(model.embeds ? ['embedContent', 'batchEmbedContents'] : []),
    ];
    return {
      name: `models/${model.name}`,
      version: '001',
      displayName: model.title,
      description: model.description,
      inputTokenLimit: CONTEXT_TOKENS,
      outputTokenLimit: OUTPUT_TOKENS,
      supportedGenerationMethods: methods,
      temperature: 1,
      maxTemperature: 2,
      topP: 0.95,
      topK: 64,
      ...(model.chats ? { thinking: true } : {}),
    };
  }
  return { id: model.name, object: 'model', created: CREATED_AT, owned_by: 'local' };
}

function pageSize(query: URLSearchParams, name: string, usual: number): number {
  const value = query.get(name);
  if (value === null) return usual;
  if (!/^\d{1,4}$/.test(value) || Number(value) < 1)
    throw new Fault(400, `${name}: Input should be a number between 1 and 1000`, { param: name });
  return Math.min(Number(value), 1000);
}

/** The list of models. Anthropic pages by `limit` and `after_id`, Gemini by `pageSize` and `pageToken`, OpenAI not at all. */
export function modelList(format: Format, query: URLSearchParams): JsonObject {
  const models = allModels();
  if (format === 'anthropic') {
    const limit = pageSize(query, 'limit', 20);
    const from = models.findIndex((model) => model.name === query.get('after_id')) + 1;
    const page = models.slice(from, from + limit);
    return {
      data: page.map((model) => described(model, format)),
      has_more: from + limit < models.length,
      first_id: page[0]?.name ?? null,
      last_id: page.at(-1)?.name ?? null,
    };
  }
  if (format === 'gemini') {
    const size = pageSize(query, 'pageSize', 50);
    const from = Number(/^\d{1,4}$/.exec(query.get('pageToken') ?? '')?.[0] ?? 0);
    const more = from + size < models.length ? { nextPageToken: `${from + size}` } : {};
    return { models: models.slice(from, from + size).map((model) => described(model, format)), ...more };
  }
  return { object: 'list', data: models.map((model) => described(model, format)) };
}

/** The Fault (404) for a model that there is not. */
export function noSuchModel(format: Format, name: string, method = 'generateContent'): Fault {
  if (format === 'anthropic') return new Fault(404, `model: ${name}`);
  if (format === 'gemini') {
    return new Fault(
      404,
      `models/${name} is not found for API version v1beta, or is not supported for ${method}. Call ListModels to see the list of available models and their supported methods.`,
    );
  }
  return new Fault(404, `The model \`${name}\` does not exist or you do not have access to it.`, {
    param: 'model',
    code: 'model_not_found',
  });
}

/** One model by its name. */
export function oneModel(format: Format, name: string): JsonObject {
  const model = findModel(name);
  if (model === undefined) throw noSuchModel(format, name);
  return described(model, format);
}
