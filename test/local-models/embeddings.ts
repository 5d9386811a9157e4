/** Embedding requests of OpenAI and Gemini. https://platform.openai.com/docs/api-reference/embeddings, https://ai.google.dev/api/embeddings */

import { embeddingTokens } from './answer.ts';
import type { JsonObject } from './ask.ts';
import { embed, MOST_DIMENSIONS, toBase64, USUAL_DIMENSIONS } from './embedding.ts';
import { Fault } from './fault.ts';
import {
  bodyObject,
  missing,
  objectAt,
  optionalList,
  optionalNumber,
  optionalObject,
  optionalText,
  requiredList,
  requiredText,
} from './fields.ts';

const MOST_INPUTS = 2048;

function isTokens(value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.every((each) => Number.isInteger(each));
}

/** OpenAI's `input`: a text, texts, or token numbers (which stand for words here). */
function inputsOf(body: JsonObject): string[] {
  const input = body.input ?? undefined;
  if (input === undefined) throw missing('input');
  if (typeof input === 'string') return [input];
  const list = requiredList(body, 'input');
  if (isTokens(list)) return [list.join(' ')];
  if (list.length === 0 || list.length > MOST_INPUTS)
    throw new Fault(400, `'$.input' is invalid: it must have between 1 and ${MOST_INPUTS} items.`, {
      param: 'input',
    });
  return list.map((each, index) => {
    if (isTokens(each)) return each.join(' ');
    if (typeof each !== 'string')
      throw new Fault(400, `Invalid type for 'input[${index}]': expected a string.`, {
        param: `input[${index}]`,
        code: 'invalid_type',
      });
    return each;
  });
}

/** Answers `POST /v1/embeddings`. */
export function openaiEmbeddings(value: unknown): JsonObject {
  const body = bodyObject(value);
  const inputs = inputsOf(body);
  if (inputs.some((input) => input === ''))
    throw new Fault(400, "Invalid 'input': input cannot be an empty string.", { param: 'input' });
  const dimensions =
    optionalNumber(body, 'dimensions', { low: 1, high: MOST_DIMENSIONS, integer: true }) ?? USUAL_DIMENSIONS;
  const encoding = optionalText(body, 'encoding_format') ?? 'float';
  if (encoding !== 'float' && encoding !== 'base64')
    throw new Fault(400, `Invalid value: '${encoding}'. Supported values are: 'float' and 'base64'.`, {
      param: 'encoding_format',
      code: 'invalid_value',
    });
  const tokens = embeddingTokens(inputs);
  return {
    object: 'list',
    data: inputs.map((input, index) => {
      const vector = embed(input, dimensions);
      return {
        object: 'embedding',
        index,
        embedding: encoding === 'base64' ? toBase64(vector) : [...vector],
      };
    }),
    model: requiredText(body, 'model').replace(/^local\//, ''),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

function geminiEmbedding(body: JsonObject): JsonObject {
  const content = optionalObject(body, 'content');
  if (content === undefined)
    throw new Fault(400, '* EmbedContentRequest.content: content is not specified', { param: 'content' });
  const texts = (optionalList(content, 'parts', 'content.parts') ?? []).map((part, index) =>
    requiredText(objectAt(part, `content.parts[${index}]`), 'text', `content.parts[${index}].text`),
  );
  const dimensions =
    optionalNumber(
      body,
      'outputDimensionality',
      { low: 1, high: MOST_DIMENSIONS, integer: true },
      'output_dimensionality',
    ) ?? USUAL_DIMENSIONS;
  return { values: [...embed(texts.join('\n'), dimensions)] };
}

/** Answers `:embedContent`. */
export function geminiEmbedContent(value: unknown): JsonObject {
  return { embedding: geminiEmbedding(bodyObject(value)) };
}

/** Answers `:batchEmbedContents`. */
export function geminiBatchEmbed(value: unknown): JsonObject {
  const requests = requiredList(bodyObject(value), 'requests');
  return { embeddings: requests.map((each, index) => geminiEmbedding(objectAt(each, `requests[${index}]`))) };
}
