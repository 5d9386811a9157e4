import { z } from 'zod';

/** RFC 9457 problem document: the shape of every error outside the OpenAI-, Anthropic- and OAuth-compatible routes. */
export const problemSchema = z
  .object({
    type: z.string().meta({ description: 'A page about this kind of error.' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'What happened and what to do, in a sentence.' }),
    instance: z.string().optional(),
    code: z.string().meta({ description: 'A stable name for programs.' }),
    param: z.string().optional().meta({ description: 'The field that is wrong, as a path.' }),
    request_id: z.string(),
  })
  .meta({ id: 'Problem' });

/** OpenAI's error shape; all four members are always there. */
export const openAiErrorSchema = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable(),
      code: z.string().nullable(),
    }),
  })
  .meta({ id: 'OpenAiError' });

/** Anthropic's error shape. */
export const anthropicErrorSchema = z
  .object({
    type: z.literal('error'),
    error: z.object({
      type: z.string(),
      message: z.string(),
      details: z
        .object({ error_code: z.string() })
        .optional()
        .meta({ description: 'The provider’s own word for what is wrong with the request.' }),
    }),
    request_id: z.string(),
  })
  .meta({ id: 'AnthropicError' });
