import type { UsageSummary } from '../../../../src/contracts/usage.ts';
import { spansOf } from './over-time.ts';

/** What calls cost, by who paid it. All but the calls in whole nano-dollars. */
export interface Costs {
  readonly calls: number;
  /** At the providers' prices, of what your credit was charged for. */
  readonly provider: number;
  /** What the plan adds to it; below 0 where credit could not pay all. */
  readonly added: number;
  /** Both together: what was taken from your credit. */
  readonly charged: number;
  /** At the providers' prices, of what other accounts paid: your own keys, or nobody for local models. */
  readonly own: number;
}

const NOTHING: Costs = { calls: 0, provider: 0, added: 0, charged: 0, own: 0 };

type Part = Pick<UsageSummary['data'][number], 'group' | 'calls' | 'cost_nano_usd' | 'charge_nano_usd'>;

/** The costs of a part of a summary that tells apart who pays. What is in no shown group counts as charged where something was. Pure. */
function costsOf({ group, calls, cost_nano_usd: cost, charge_nano_usd: charged }: Part): Costs {
  const byCredit = group === null ? charged > 0 : group.key_strategy === 'platform';
  return byCredit
    ? { calls, provider: cost, added: charged - cost, charged, own: 0 }
    : { calls, provider: 0, added: 0, charged, own: cost };
}

function added(one: Costs, other: Costs): Costs {
  return {
    calls: one.calls + other.calls,
    provider: one.provider + other.provider,
    added: one.added + other.added,
    charged: one.charged + other.charged,
    own: one.own + other.own,
  };
}

export function costsInAll({ data }: UsageSummary): Costs {
  return data.map(costsOf).reduce(added, NOTHING);
}

/** By span of time, oldest first, those without calls included. Pure. */
export function costsBySpan(
  summary: UsageSummary,
): readonly { readonly at: number; readonly costs: Costs }[] {
  const found = new Map<number, Costs>();
  for (const row of summary.data) {
    const at = Date.parse(row.from);
    found.set(at, added(found.get(at) ?? NOTHING, costsOf(row)));
  }
  return spansOf(summary).map((at) => ({ at, costs: found.get(at) ?? NOTHING }));
}

/** By model or feature, what was charged most first; null for what is in no shown group. Pure. */
export function costsByGroup(
  { data }: UsageSummary,
  by: 'model' | 'feature',
): readonly { readonly value: string | null; readonly costs: Costs }[] {
  const found = new Map<string | null, Costs>();
  for (const row of data) {
    const value = row.group === null ? null : (row.group[by] ?? '');
    found.set(value, added(found.get(value) ?? NOTHING, costsOf(row)));
  }
  return [...found]
    .map(([value, costs]) => ({ value, costs }))
    .sort(
      (a, b) =>
        b.costs.charged - a.costs.charged || b.costs.own - a.costs.own || b.costs.calls - a.costs.calls,
    );
}
