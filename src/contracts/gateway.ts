import { z } from 'zod';

/**
 * What the compatible routes take and answer, for the document: the formats are OpenAI's and Anthropic's, and everything of theirs that is not
 * listed here is passed on to the models. Members named here are those that Parallax reads itself.
 */
const model = z
  .string()
  .max(200)
  .meta({ description: 'A model’s id or alias, or `auto`.', example: 'local/swift' });
const models = z
  .array(z.string())
  .max(8)
  .optional()
  .meta({ description: 'Models to fall back on, in order, when one fails before its first word.' });
const stream = z.boolean().optional();

export const chatCompletionRequestSchema = z
  .looseObject({
    model,
    models,
    messages: z.array(z.looseObject({ role: z.string() })),
    stream,
    stream_options: z.looseObject({ include_usage: z.boolean().optional() }).optional(),
    max_completion_tokens: z.int().min(1).optional(),
    tools: z.array(z.looseObject({ type: z.string() })).optional(),
  })
  .meta({ id: 'ChatCompletionRequest', description: 'As OpenAI’s “Create chat completion”.' });

export const chatCompletionSchema = z
  .looseObject({
    id: z.string(),
    object: z.literal('chat.completion'),
    created: z.int(),
    model: z.string(),
    choices: z.array(z.looseObject({ index: z.int(), finish_reason: z.string().nullable() })),
    usage: z.looseObject({
      prompt_tokens: z.int(),
      completion_tokens: z.int(),
      total_tokens: z.int(),
    }),
  })
  .meta({ id: 'ChatCompletion' });

export const chatCompletionChunkSchema = z
  .looseObject({ id: z.string(), object: z.literal('chat.completion.chunk') })
  .meta({ id: 'ChatCompletionChunk' });

export const responsesRequestSchema = z
  .looseObject({
    model,
    models,
    input: z.union([z.string(), z.array(z.looseObject({}))]),
    instructions: z.string().nullable().optional(),
    stream,
    max_output_tokens: z.int().min(1).nullable().optional(),
    tools: z.array(z.looseObject({ type: z.string() })).optional(),
  })
  .meta({ id: 'ResponsesRequest', description: 'As OpenAI’s “Create a model response”.' });

export const responseObjectSchema = z
  .looseObject({
    id: z.string(),
    object: z.literal('response'),
    status: z.string(),
    output: z.array(z.looseObject({ type: z.string() })),
  })
  .meta({ id: 'ResponseObject' });

export const messagesRequestSchema = z
  .looseObject({
    model,
    models,
    max_tokens: z.int().min(1),
    messages: z.array(z.looseObject({ role: z.string() })),
    system: z.union([z.string(), z.array(z.looseObject({}))]).optional(),
    stream,
    tools: z.array(z.looseObject({ name: z.string() })).optional(),
  })
  .meta({ id: 'MessagesRequest', description: 'As Anthropic’s “Create a Message”.' });

export const messageObjectSchema = z
  .looseObject({
    id: z.string(),
    type: z.literal('message'),
    role: z.literal('assistant'),
    content: z.array(z.looseObject({ type: z.string() })),
    stop_reason: z.string().nullable(),
    usage: z.looseObject({ input_tokens: z.int(), output_tokens: z.int() }),
  })
  .meta({ id: 'MessageObject' });

export const countTokensRequestSchema = messagesRequestSchema
  .omit({ max_tokens: true, models: true, stream: true })
  .meta({ id: 'CountTokensRequest', description: 'As Anthropic’s “Count tokens in a Message”.' });

export const countTokensSchema = z
  .object({ input_tokens: z.int().meta({ description: 'An estimate.' }) })
  .meta({ id: 'CountTokens' });

export const streamEventSchema = z.looseObject({ type: z.string() });

export const embeddingsRequestSchema = z
  .looseObject({
    model: model.meta({ example: 'local/embed' }),
    models,
    input: z.union([z.string(), z.array(z.string()), z.array(z.int()), z.array(z.array(z.int()))]),
    encoding_format: z.enum(['float', 'base64']).optional(),
    dimensions: z.int().min(1).optional(),
  })
  .meta({ id: 'EmbeddingsRequest', description: 'As OpenAI’s “Create embeddings”.' });

export const embeddingsSchema = z
  .object({
    object: z.literal('list'),
    data: z.array(
      z.object({
        object: z.literal('embedding'),
        index: z.int(),
        embedding: z.union([z.array(z.number()), z.string()]),
      }),
    ),
    model: z.string(),
    usage: z.object({ prompt_tokens: z.int(), total_tokens: z.int() }),
  })
  .meta({ id: 'Embeddings' });
