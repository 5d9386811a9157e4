import { z } from 'zod';
import { type Merge, mergeStrategySchema, type Perspective, type Run } from '../../contracts/perspectives.ts';
import { runUri } from '../resources/uris.ts';
import { clip, jsonTokens, share } from './budget.ts';

/** Most tokens of a digest, as text and again as structured content: together well under the 25,000 at which clients cut a result. */
export const DIGEST_TOKENS = 6000;

/** What the conclusion and the points may take of a digest; the answers share the rest. */
const CONCLUSION_SHARE = 0.35;
const POINTS_SHARE = 0.3;
/** Most tokens of one statement, claim, stance or error within the points. */
const STATEMENT_TOKENS = 60;
const LABEL_TOKENS = 40;
const MAX_NOTES = 5;
/** Left free for rounding and for the figures that are known last. */
const MARGIN_TOKENS = 60;

const count = z.int();
const dollars = z.number();

/** The structured content of a run's result. Short on purpose: models pay for it. */
export const runDigestSchema = z.object({
  id: z.string(),
  status: z.enum(['running', 'completed', 'partial', 'failed']),
  disagreements: z.array(
    z.object({
      claim: z.string(),
      positions: z.array(
        z.object({ model: z.string(), holds: z.enum(['yes', 'no', 'unclear']), statement: z.string() }),
      ),
    }),
  ),
  agreements: z.array(z.object({ claim: z.string(), models: count })),
  merge: z
    .object({
      strategy: mergeStrategySchema,
      model: z.string().nullable(),
      content: z.string(),
      quality: z.number().nullable(),
      weights: z.record(z.string(), z.number()),
      fallback: z.string().nullable(),
      notes: z.array(z.string()),
    })
    .nullable(),
  perspectives: z.array(
    z.object({
      index: count,
      model: z.string(),
      stance: z.string().nullable(),
      status: z.enum(['pending', 'streaming', 'completed', 'failed']),
      content: z.string(),
      error: z.string().nullable(),
      finish_reason: z.string().nullable(),
      input_tokens: count,
      output_tokens: count,
      cost_usd: dollars,
      latency_ms: z.number().nullable(),
    }),
  ),
  usage: z.object({ input_tokens: count, output_tokens: count, cost_usd: dollars }),
  cut: z.boolean().meta({ description: 'Whether anything was shortened; the resource has it whole.' }),
  omitted_points: count,
  resource: z.string(),
});
export type RunDigest = z.infer<typeof runDigestSchema>;

/**
 * A run within a bound of tokens, for a model to read: every number exactly, every disagreement as far as there is room, then the
 * conclusion, then the beginnings of the answers. What was shortened is marked and stands whole in the run's resource.
 */
export function runDigest(run: Run, bound: number = DIGEST_TOKENS): RunDigest {
  const bare: RunDigest = {
    id: run.id,
    status: run.status,
    disagreements: [],
    agreements: [],
    merge: run.merge === null ? null : { ...mergeFacts(run.merge), content: '' },
    perspectives: run.perspectives.map((perspective) => ({ ...perspectiveFacts(perspective), content: '' })),
    usage: {
      input_tokens: run.usage.input_tokens,
      output_tokens: run.usage.output_tokens,
      cost_usd: run.usage.cost_usd,
    },
    cut: false,
    omitted_points: 0,
    resource: runUri(run.id),
  };
  let left = Math.max(0, bound - MARGIN_TOKENS - jsonTokens(bare));
  const conclusion = clip(run.merge?.content ?? '', Math.floor(left * CONCLUSION_SHARE));
  const points = pointsOf(run, Math.floor(left * POINTS_SHARE));
  left -= jsonTokens(conclusion.text) + points.tokens;
  const shares = share(
    run.perspectives.map((perspective) => jsonTokens(perspective.content)),
    left,
  );
  const answers = run.perspectives.map((perspective, index) => clip(perspective.content, shares[index] ?? 0));
  return {
    ...bare,
    disagreements: points.disagreements,
    agreements: points.agreements,
    merge: bare.merge === null ? null : { ...bare.merge, content: conclusion.text },
    perspectives: bare.perspectives.map((facts, index) => ({
      ...facts,
      content: answers[index]?.text ?? '',
    })),
    cut: conclusion.cut || points.omitted > 0 || points.cut || answers.some((answer) => answer.cut),
    omitted_points: points.omitted,
  };
}

function mergeFacts(merge: Merge) {
  const weights: Record<string, number> = {};
  for (const { model, weight } of merge.contributions) weights[model] = (weights[model] ?? 0) + weight;
  return {
    strategy: merge.strategy,
    model: merge.model,
    quality: merge.quality,
    weights,
    fallback:
      merge.fallback === null
        ? null
        : clip(`${merge.fallback.from}: ${merge.fallback.reason}`, LABEL_TOKENS).text,
    notes: merge.notes.slice(0, MAX_NOTES).map((note) => clip(note, LABEL_TOKENS).text),
  };
}

function perspectiveFacts(perspective: Perspective) {
  const { error } = perspective;
  return {
    index: perspective.index,
    model: perspective.model,
    stance: perspective.stance === null ? null : clip(perspective.stance, LABEL_TOKENS).text,
    status: perspective.status,
    error: error === undefined ? null : clip(`${error.code}: ${error.message}`, STATEMENT_TOKENS).text,
    finish_reason:
      perspective.finish_reason === null ? null : clip(perspective.finish_reason, LABEL_TOKENS).text,
    input_tokens: perspective.usage.input_tokens,
    output_tokens: perspective.usage.output_tokens,
    cost_usd: perspective.cost_usd,
    latency_ms: perspective.latency_ms,
  };
}

interface Points {
  readonly disagreements: RunDigest['disagreements'];
  readonly agreements: RunDigest['agreements'];
  readonly omitted: number;
  readonly cut: boolean;
  readonly tokens: number;
}

/** Disagreements first, then agreements, one by one while there is room. */
function pointsOf(run: Run, bound: number): Points {
  let tokens = 0;
  let omitted = 0;
  let cut = false;
  const short = (text: string) => {
    const clipped = clip(text, STATEMENT_TOKENS);
    cut ||= clipped.cut;
    return clipped.text;
  };
  const take = <T>(into: T[], point: T) => {
    const cost = jsonTokens(point) + 1;
    if (tokens + cost > bound) {
      omitted += 1;
      return;
    }
    tokens += cost;
    into.push(point);
  };
  const disagreements: RunDigest['disagreements'] = [];
  const agreements: RunDigest['agreements'] = [];
  for (const { claim, positions } of run.merge?.disagreements ?? []) {
    const brief = positions.map(({ model, holds, statement }) => ({
      model,
      holds,
      statement: short(statement),
    }));
    take(disagreements, { claim: short(claim), positions: brief });
  }
  for (const { claim, perspectives } of run.merge?.agreements ?? []) {
    take(agreements, { claim: short(claim), models: perspectives.length });
  }
  return { disagreements, agreements, omitted, cut, tokens };
}
