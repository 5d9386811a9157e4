import type { GetPromptResult, InputRequiredResult } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { validate } from '../platform/http/read-json.ts';
import type { McpRequest } from './tool.ts';
import { codeReviewPrompt, debatePrompt, PROMPT_WORDS, secondOpinionPrompt } from './wording.ts';

export interface PromptArgument {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
}

/** Something a person picks from a menu: it becomes their message to the model. */
export interface Prompt {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly arguments: readonly PromptArgument[];
  /** The messages. Throws `ParallaxError` `invalid_parameter` for missing or unknown arguments. */
  readonly get: (given: unknown, request: McpRequest) => GetPromptResult | InputRequiredResult;
}

/** A prompt that asks its caller nothing back. */
export interface TextPrompt extends Prompt {
  readonly get: (given: unknown) => GetPromptResult;
}

interface PromptSpec<Arguments extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly arguments: Arguments;
  readonly text: (given: z.output<Arguments>) => string;
}

/** A prompt that is one message of text. */
function prompt<Arguments extends z.ZodObject>(spec: PromptSpec<Arguments>): TextPrompt {
  return {
    name: spec.name,
    title: spec.title,
    description: spec.description,
    arguments: Object.entries(spec.arguments.shape).map(([name, schema]) => ({
      name,
      description: (schema as z.ZodType).description ?? '',
      required: !(schema as z.ZodType).safeParse(undefined).success,
    })),
    get: (given) => {
      const text = spec.text(validate(spec.arguments, given ?? {}, 'arguments'));
      return { description: spec.description, messages: [{ role: 'user', content: { type: 'text', text } }] };
    },
  };
}

const MAX_LENGTH = 200_000;
const required = (description: string) =>
  z
    .string({ error: 'is missing' })
    .min(1, { error: 'must not be empty' })
    .max(MAX_LENGTH)
    .describe(description);
/** Clients send an empty text for a field that was left open. */
const optional = (description: string) =>
  z
    .string()
    .max(MAX_LENGTH)
    .optional()
    .transform((value) => (value === undefined || value.trim() === '' ? undefined : value))
    .describe(description);

/** The menu. */
export const PROMPTS: readonly TextPrompt[] = [
  prompt({
    name: 'second_opinion',
    ...PROMPT_WORDS.second_opinion,
    arguments: z.strictObject({
      question: required(PROMPT_WORDS.second_opinion.question),
      answer: optional(PROMPT_WORDS.second_opinion.answer),
    }),
    text: secondOpinionPrompt,
  }),
  prompt({
    name: 'debate',
    ...PROMPT_WORDS.debate,
    arguments: z.strictObject({
      proposition: required(PROMPT_WORDS.debate.proposition),
      context: optional(PROMPT_WORDS.debate.context),
    }),
    text: debatePrompt,
  }),
  prompt({
    name: 'code_review',
    ...PROMPT_WORDS.code_review,
    arguments: z.strictObject({
      code: required(PROMPT_WORDS.code_review.code),
      focus: optional(PROMPT_WORDS.code_review.focus),
    }),
    text: codeReviewPrompt,
  }),
];
