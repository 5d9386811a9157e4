import { and, eq, gt, lt, sql } from 'drizzle-orm';
import { z } from 'zod';
import { platformDb } from '../../platform/db.ts';
import { LASTING_HALF_LIFE_MS, type LearnedFigures, NO_CALLS, RECENT_HALF_LIFE_MS } from './figures.ts';
import { HOUR_MS, KEPT_MS, learnedFrom, type WeighedSums } from './hours.ts';
import { routingFigures, routingHours } from './schema.ts';

/** The one row that isolates read. */
const CURRENT = 'current';
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
  // The hour in which the week begins counts too.
  const oldest = now - KEPT_MS - HOUR_MS;
  const weight = (halfLife: number) =>
    sql`exp(${-Math.LN2 / halfLife} * max(0, ${now - HOUR_MS / 2} - hour))`;
  const sums = (names: readonly string[], weighed: string) =>
    sql.raw(names.map((name) => `total(${weighed} * ${name}) AS ${weighed}_${name}`).join(', '));
  const rows = await db.all<Record<string, number> & { model: string; task: string }>(sql`
    SELECT model, task, ${sums(COLUMNS, 'lasting')}, ${sums(COLUMNS, 'recent')}, ${sums(OUTPUT_COLUMNS, 'lasting')}
    FROM (
      SELECT *, ${weight(LASTING_HALF_LIFE_MS)} AS lasting, ${weight(RECENT_HALF_LIFE_MS)} AS recent
      FROM routing_hours WHERE hour >= ${oldest}
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
  const figures = JSON.stringify(pairs);
  await db.batch([
    db
      .insert(routingFigures)
      .values({ id: CURRENT, at: now, figures })
      .onConflictDoUpdate({
        target: routingFigures.id,
        set: { at: now, figures },
        // Of two crons that run at once the later one's sums hold.
        setWhere: lt(routingFigures.at, now),
      }),
    db.delete(routingHours).where(lt(routingHours.hour, oldest)),
  ]);
  return { pairs: pairs.length };
}

/** What was learned, with its time; undefined when nothing newer than `after` is there. */
export async function readFigures(
  d1: D1Database,
  after: number,
): Promise<{ readonly at: number; readonly learned: LearnedFigures } | undefined> {
  const [row] = await platformDb(d1)
    .select({ at: routingFigures.at, figures: routingFigures.figures })
    .from(routingFigures)
    .where(and(eq(routingFigures.id, CURRENT), gt(routingFigures.at, after)))
    .limit(1);
  if (row === undefined) return undefined;
  const kept = keptSchema.parse(JSON.parse(row.figures));
  return { at: row.at, learned: learnedFrom(kept.map(weighedSums)) };
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

/** Seven digits: enough for sums of squares to be subtracted, at half the size. */
function significant(value: number): number {
  return Number(value.toPrecision(7));
}
