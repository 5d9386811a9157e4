import { z } from 'zod';
import { MERGE_STRATEGIES, type Run } from '../../contracts/perspectives.ts';
import { runDigestSchema } from '../digest/run-digest.ts';
import { runAnswer } from '../run-answer.ts';
import { type ToolContext, tool } from '../tool.ts';
import { FIELD_WORDS, MERGE_GOES_ON, TOOL_WORDS } from '../wording.ts';

const input = z.strictObject({
  run_id: z.string().max(64).describe(FIELD_WORDS.mergeRunId),
  strategy: z.enum(MERGE_STRATEGIES).default('consensus'),
  model: z.string().max(200).optional().describe(FIELD_WORDS.mergeModel),
  max_cost_usd: z.number().positive().optional().describe(FIELD_WORDS.maxCost),
});

/** Another merge of answers that are there already. It replaces the merge the run had. */
export const mergeResponses = tool({
  name: 'merge_responses',
  ...TOOL_WORDS.merge_responses,
  permission: 'perspectives:use',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  input,
  output: runDigestSchema,
  asksModels: true,
  async run({ run_id: id, strategy, model, max_cost_usd }, context) {
    const { runs, principal } = context;
    const merging = runs.merge(principal, id, { strategy, model, max_cost_usd });
    const run = await withinPatience(merging, strategy, context);
    return run === null ? runAnswer(await runs.get(principal, id), MERGE_GOES_ON) : runAnswer(run);
  },
});

/** The merged run, or null when the client would give up before it is there; the merge itself goes on in the run's own object. */
async function withinPatience(
  merging: Promise<Run>,
  strategy: string,
  { patience, progress, signal, log }: ToolContext,
): Promise<Run | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLong = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), patience.answerMs);
    signal.addEventListener('abort', () => resolve(null));
  });
  const heartbeat = setInterval(() => {
    progress
      .beat('Still merging.')
      .catch((error: unknown) => log.warn('progress could not be reported', { error }));
  }, patience.heartbeatMs);
  try {
    await progress.report(0, 1, `Merging: ${strategy}.`);
    const run = await Promise.race([merging, tooLong]);
    if (run === null)
      merging.catch((error: unknown) =>
        log.warn('a merge failed after its caller had been answered', { error }),
      );
    else await progress.report(1, 1, 'Merged.');
    return run;
  } finally {
    clearTimeout(timer);
    clearInterval(heartbeat);
  }
}
