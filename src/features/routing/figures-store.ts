import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { platformDb } from '../../platform/db.ts';
import { LASTING_HALF_LIFE_MS, type LearnedFigures, NO_CALLS, RECENT_HALF_LIFE_MS } from './figures.ts';
import { learnedFrom, type WeighedSums } from './hours.ts';
import { routingHours } from './schema.ts';
import { oldestHour, readSummary, significant, weightSql, writeSummary } from './summaries.ts';

/** Pairs of model and task that are kept, the most used ones: some 300 kB of the 2 MB that a row may have. */
const MAX_PAIRS = 1_500;

const COLUMNS = [
  'n',
  'ok',
  'first_n',
  'first_sum',
  'first_sq',
  'token_n',
  'token_sum',
  'token_sq',
  'total_n',
  'total_sum',
] as const;
const OUTPUT_COLUMNS = ['output_n', 'output_sum', 'output_sq'] as const;

/** A pair as it is kept: model, task, ten lasting sums, ten recent ones, three of output; in the order of `COLUMNS`. */
const pairSchema = z.tuple([
  z.string(),
  z.string(),
  z.array(z.number()),
  z.array(z.number()),
  z.array(z.number()),
]);
const keptSchema = z.array(pairSchema);
type Pair = z.infer<typeof pairSchema>;

/** Sums the hours of the last week up with decay, writes the result for isolates to read, and forgets older hours. Repeating it is harmless. */
export async function writeFigures(d1: D1Database, now: number): Promise<{ readonly pairs: number }> {
  const db = platformDb(d1);
  const sums = (names: readonly string[], weighed: string) =>
    sql.raw(names.map((name) => `total(${weighed} * ${name}) AS ${weighed}_${name}`).join(', '));
  const rows = await db.all<Record<string, number> & { model: string; task: string }>(sql`
    SELECT model, task, ${sums(COLUMNS, 'lasting')}, ${sums(COLUMNS, 'recent')}, ${sums(OUTPUT_COLUMNS, 'lasting')}
    FROM (
      SELECT *, ${weightSql(now, LASTING_HALF_LIFE_MS)} AS lasting, ${weightSql(now, RECENT_HALF_LIFE_MS)} AS recent
      FROM routing_hours WHERE hour >= ${oldestHour(now)}
    )
    GROUP BY model, task
    ORDER BY lasting_n DESC, model, task
    LIMIT ${MAX_PAIRS}`);
  const pairs = rows.map((row): Pair => {
    const read = (names: readonly string[], weighed: string) =>
      names.map((name) => significant(Number(row[`${weighed}_${name}`])));
    return [
      row.model,
      row.task,
      read(COLUMNS, 'lasting'),
      read(COLUMNS, 'recent'),
      read(OUTPUT_COLUMNS, 'lasting'),
    ];
  });
  return writeSummary(d1, 'current', now, pairs, routingHours);
}

/** What was learned, with its time; undefined when nothing newer than `after` is there. */
export async function readFigures(
  d1: D1Database,
  after: number,
): Promise<{ readonly at: number; readonly learned: LearnedFigures } | undefined> {
  const newer = await readSummary(d1, 'current', after);
  if (newer === undefined) return undefined;
  return { at: newer.at, learned: learnedFrom(keptSchema.parse(newer.pairs).map(weighedSums)) };
}

function weighedSums([model, task, lasting, recent, output]: Pair): WeighedSums {
  const [n = 0, sum = 0, sq = 0] = output;
  return { model, task, lasting: callSums(lasting), recent: callSums(recent), output: { n, sum, sq } };
}

function callSums(values: readonly number[]): WeighedSums['lasting'] {
  const [n = 0, ok = 0, firstN = 0, firstSum = 0, firstSq = 0, tokenN = 0, tokenSum = 0, tokenSq = 0] =
    values;
  const [totalN = 0, totalSum = 0] = values.slice(8);
  return { ...NO_CALLS, n, ok, firstN, firstSum, firstSq, tokenN, tokenSum, tokenSq, totalN, totalSum };
}
