import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { QuotaId } from '../../../../src/contracts/plans.ts';
import { Gauge } from '../../../ui/gauge.tsx';
import { Time } from '../../../ui/time.tsx';
import { readQuotas } from '../../api/credits.ts';
import { asProblem } from '../../api/problem.ts';
import { useMay, useTenant } from '../../api/session.ts';
import { ProblemNotice } from '../../frame/failure.tsx';

const WORDS: Readonly<Record<QuotaId, string>> = {
  messages: 'Messages',
  perspectives_premium: 'Perspectives, premium models',
  perspectives_normal: 'Perspectives, normal models',
  perspectives_eco: 'Perspectives, eco models',
};

/** What the plan gives in a month and what of it is used; nothing where there is no limit. */
export function Quotas(): ReactNode {
  const tenant = useTenant();
  const may = useMay();
  const quotas = useQuery({
    queryKey: [tenant.id, 'quota'],
    queryFn: ({ signal }) => readQuotas(signal),
  });
  const { data, error } = quotas;
  if (error !== null && data === undefined)
    return (
      <div className="pt-6">
        <ProblemNotice
          title="The quotas could not be loaded"
          problem={asProblem(error)}
          onRetry={() => void quotas.refetch()}
        />
      </div>
    );
  const limited = data?.data.flatMap(({ id, limit, used }) =>
    limit === null ? [] : [{ id, limit, used: used ?? 0 }],
  );
  if (data === undefined || limited === undefined || limited.length === 0) return null;
  const out = limited.some(({ used, limit }) => used >= limit);
  return (
    <section aria-labelledby="quotas" className="pt-6">
      <h2 id="quotas" className="text-14 font-semibold">
        This month
      </h2>
      <p className="pb-4 text-13 text-text-2">
        On the platform’s keys, until <Time at={data.period_end} as="date" />. Your own provider keys use none
        of it.
        {out && may('billing:write') && (
          <>
            {' '}
            <Link
              to="/billing"
              search={{}}
              className="underline decoration-line-3 underline-offset-3 hover:decoration-current"
            >
              A larger plan
            </Link>{' '}
            has no such limits.
          </>
        )}
      </p>
      <div className="grid gap-x-10 gap-y-4 sm:grid-cols-2">
        {limited.map(({ id, used, limit }) => (
          <Gauge key={id} label={WORDS[id]} used={used} limit={limit} />
        ))}
      </div>
    </section>
  );
}
