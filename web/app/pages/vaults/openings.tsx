import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { AccessReason } from '../../../../src/contracts/vault.ts';
import { SkeletonLines } from '../../../ui/skeleton.tsx';
import { Time } from '../../../ui/time.tsx';
import { asProblem } from '../../api/problem.ts';
import { useTenant } from '../../api/session.ts';
import { listAccess } from '../../api/vault.ts';
import { ProblemNotice } from '../../frame/failure.tsx';

export const REASON_WORDS: Readonly<Record<AccessReason, string>> = {
  call: 'A call',
  run: 'A run',
  validate: 'A check',
  scrape: 'Scraping',
  webhook: 'A webhook',
};

/** When a secret was opened, and for what. */
export function Openings({ id }: { readonly id: string }): ReactNode {
  const tenant = useTenant();
  const openings = useQuery({
    queryKey: [tenant.id, 'vault-access', id],
    queryFn: ({ signal }) => listAccess(undefined, id, signal),
  });
  return (
    <section className="border-line border-t pt-4" aria-label="Openings">
      <h3 className="pb-2 text-13 font-medium">When it was opened</h3>
      {openings.error !== null && (
        <ProblemNotice problem={asProblem(openings.error)} onRetry={() => void openings.refetch()} />
      )}
      {openings.isPending && <SkeletonLines lines={2} label="Loading the openings" />}
      {openings.data?.data.length === 0 && <p className="text-13 text-text-2">Never.</p>}
      {openings.data !== undefined && openings.data.data.length > 0 && (
        <ul className="divide-y divide-line text-13">
          {openings.data.data.slice(0, 8).map((one) => (
            <li key={one.id} className="flex justify-between gap-4 py-1.5">
              <span>
                {REASON_WORDS[one.reason]}
                {one.times > 1 && <span className="text-text-3"> × {one.times}</span>}
              </span>
              <span className="text-text-3">
                <Time at={one.created_at} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
