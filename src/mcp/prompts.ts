import { z } from 'zod';
import { validate } from '../platform/http/read-json.ts';
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
  /** The message. Throws `ParallaxError` `invalid_parameter` for missing or unknown arguments. */
  readonly text: (given: unknown) => string;
}

interface PromptSpec<Arguments extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly arguments: Arguments;
  readonly text: (given: z.output<Arguments>) => string;
}

function prompt<Arguments extends z.ZodObject>(spec: PromptSpec<Arguments>): Prompt {
  return {
    name: spec.name,
    title: spec.title,
    description: spec.description,
    arguments: Object.entries(spec.arguments.shape).map(([name, schema]) => ({
      name,
      description: (schema as z.ZodType).description ?? '',
      required: !(schema as z.ZodType).safeParse(undefined).success,
    })),
    text: (given) => spec.text(validate(spec.arguments, given ?? {}, 'arguments')),
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
export const PROMPTS: readonly Prompt[] = [
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
