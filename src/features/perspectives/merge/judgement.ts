/**
 * What a judging model is asked to fill in: zod schemas that validate its answer, and the JSON schemas made from them that go with the call.
 * Structure is demanded (every answer scored); single malformed claims are dropped rather than costing the whole answer.
 */
import { z } from 'zod';
import type { JsonObject } from '../../providers/index.ts';

/** What each answer is scored on, each from 0 to 10, and how much it counts. The shares add up to 1. */
export const RUBRIC = {
  accuracy: { share: 0.4, asks: 'is it right, and honest about what is uncertain' },
  relevance: { share: 0.25, asks: 'does it answer what was asked' },
  completeness: { share: 0.2, asks: 'does it cover what matters' },
  clarity: { share: 0.15, asks: 'can the person who asked follow and use it' },
} as const;
export const SCORE_MAX = 10;

/** Models write `8`, `"8"` or `"8/10"`; anything else is refused. */
function numberIn(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const found = /^\s*(\d{1,2}(?:\.\d{1,4})?)\s*(?:\/\s*10)?\s*$/.exec(value)?.[1];
  return found === undefined ? value : Number(found);
}

const criterion = (asks: string) =>
  z
    .preprocess(numberIn, z.number().min(0).max(SCORE_MAX))
    .meta({ description: `0 to ${SCORE_MAX}: ${asks}` });

/** `true`, `false` and `null` as a model may write them; null where it neither holds nor denies. */
function holdsIn(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const word = value.trim().toLowerCase();
  if (word === 'yes' || word === 'true') return true;
  if (word === 'no' || word === 'false') return false;
  return word === 'unclear' || word === 'null' || word === '' ? null : value;
}

/** A list whose malformed items are left out. */
function listOf<T extends z.ZodType>(item: T) {
  return z.preprocess(
    (value) => (Array.isArray(value) ? value.filter((each) => item.safeParse(each).success) : value),
    z.array(item),
  );
}

const sentence = z.string().trim().min(1);

function partsFor(labels: readonly string[]) {
  // The enum is for the model; reading is lenient (`answer a`), and a label that names nobody is dropped later.
  const label = z.string().meta({ enum: [...labels] });
  const holders = z.array(label).meta({ description: 'Labels of the answers that say so.' });
  return {
    label,
    scores: z
      .array(
        z.object({
          label,
          reason: z.string().meta({ description: 'One or two sentences, written before the figures.' }),
          accuracy: criterion(RUBRIC.accuracy.asks),
          relevance: criterion(RUBRIC.relevance.asks),
          completeness: criterion(RUBRIC.completeness.asks),
          clarity: criterion(RUBRIC.clarity.asks),
        }),
      )
      .meta({ description: 'One for each answer.' }),
    agreements: listOf(z.object({ claim: sentence, held_by: holders })),
    keyPoints: listOf(z.object({ point: sentence, held_by: holders })),
    disagreements: listOf(
      z.object({
        claim: sentence,
        positions: listOf(
          z.object({
            label,
            // A union, because a list of types (which `nullable` gives) is not taken by every structured output.
            holds: z.preprocess(holdsIn, z.union([z.boolean(), z.null()])).meta({
              description: 'true: it holds the claim; false: it denies it; null: unclear.',
            }),
            says: sentence.meta({ description: 'What it says of the claim, in one sentence.' }),
          }),
        ),
      }),
    ),
  };
}

type Parts = ReturnType<typeof partsFor>;
export type JudgedScore = z.infer<Parts['scores']>[number];
export type JudgedAgreement = z.infer<Parts['agreements']>[number];
export type JudgedDisagreement = z.infer<Parts['disagreements']>[number];

/** Whether a label as a model wrote it means this label. */
export type Means = (written: string, label: string) => boolean;

/** Refuses a judgement that leaves an answer without a score. */
function everyAnswerScored(labels: readonly string[], means: Means) {
  return (value: { readonly scores: readonly { readonly label: string }[] }, context: z.RefinementCtx) => {
    const missing = labels.filter((label) => !value.scores.some((score) => means(score.label, label)));
    if (missing.length === 0) return;
    context.addIssue({
      code: 'custom',
      path: ['scores'],
      message: `no score for answer ${missing.join(', ')}`,
    });
  };
}

/** What `consensus`, and the end of a debate, ask of the judge. The conclusion comes last, so that it can be shown as it is written. */
export function consensusSchema(labels: readonly string[], means: Means) {
  const { scores, agreements, disagreements } = partsFor(labels);
  return z
    .object({
      scores,
      agreements,
      disagreements,
      // As written, spaces and all: its beginning may have been shown by now.
      conclusion: z
        .string()
        .refine((text) => text.trim() !== '', { error: 'must not be empty' })
        .meta({ description: 'The conclusion, in prose.' }),
    })
    .superRefine(everyAnswerScored(labels, means));
}

/** What `best_of` asks of the judge. */
export function rankingSchema(labels: readonly string[], means: Means) {
  const { scores, disagreements } = partsFor(labels);
  return z.object({ scores, disagreements }).superRefine(everyAnswerScored(labels, means));
}

/** What `synthesize` asks of the judge before it writes. */
export function synthesisPlanSchema(labels: readonly string[], means: Means) {
  const { scores, keyPoints, disagreements } = partsFor(labels);
  return z
    .object({ scores, key_points: keyPoints, disagreements })
    .superRefine(everyAnswerScored(labels, means));
}

export const TIE = 'tie';

/** What is asked of two answers that are close. */
export function duelSchema(labels: readonly string[]) {
  return z.object({
    reason: z.string().meta({ description: 'What decides between the two, in one or two sentences.' }),
    winner: z.string().meta({ enum: [...labels, TIE] }),
  });
}

/** Keywords that some provider's structured output refuses (Anthropic: all bounds; OpenAI strict mode: some); they are validated here. */
const UNSUPPORTED = [
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'pattern',
  'format',
];

/** The JSON Schema of a zod schema, within what every provider's structured output takes: objects closed, all members required, no bounds. */
export function wireSchema(schema: z.ZodType): JsonObject {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io: 'output',
    override: ({ jsonSchema }) => {
      for (const keyword of UNSUPPORTED) delete (jsonSchema as Record<string, unknown>)[keyword];
    },
  });
  return json;
}
