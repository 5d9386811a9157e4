import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChevronRight, Circle, CircleCheck } from 'lucide-react';
import type { ReactElement, ReactNode } from 'react';
import { listKeys } from '../../api/keys.ts';
import { listApps } from '../../api/oauth.ts';
import { useMay, useSession } from '../../api/session.ts';
import { listProviderKeys } from '../../api/vault.ts';

interface Step {
  readonly done: boolean | undefined;
  readonly title: string;
  readonly why: string;
  readonly link: ReactElement<{ children?: ReactNode; className?: string }>;
}

/** What is left to set up. Gone when all of it is done. */
export function FirstSteps({ tenantId }: { readonly tenantId: string }): ReactNode {
  const { person } = useSession();
  const may = useMay();
  const keys = useQuery({
    queryKey: [tenantId, 'api-keys', 'any'],
    queryFn: ({ signal }) => listKeys(undefined, signal),
  });
  const apps = useQuery({
    queryKey: [tenantId, 'connected-apps'],
    queryFn: ({ signal }) => listApps(signal),
  });
  const own = useQuery({
    queryKey: [tenantId, 'provider-keys'],
    queryFn: ({ signal }) => listProviderKeys(signal),
    enabled: may('provider_keys:read'),
  });
  const connected = known(apps.data, ({ data }) => data.length > 0);
  const steps: Step[] = [
    ...(may('api_keys:write')
      ? [
          {
            done: or(
              known(keys.data, ({ data }) => data.some(({ revoked_at }) => revoked_at === null)),
              connected,
            ),
            title: 'Connect a client, or make an API key',
            why: 'Below is the address for each client; a key is for programs and machines without a browser.',
            link: <Link to="/api-keys" search={{ create: true }} />,
          },
        ]
      : []),
    {
      done: person.two_factor,
      title: 'Protect your account with an authenticator app',
      why: 'A password alone can be guessed or stolen. Operators need it.',
      link: <Link to="/settings/security" />,
    },
    ...(may('provider_keys:write')
      ? [
          {
            done: known(own.data, ({ data }) => data.length > 0),
            title: 'Bring your own provider key',
            why: 'Calls are then made on your contract, and cost no credit here.',
            link: <Link to="/provider-keys" search={{}} />,
          },
        ]
      : []),
  ];
  if (steps.every(({ done }) => done !== false)) return null;
  return (
    <section className="border-line border-t py-6" aria-labelledby="steps">
      <h2 id="steps" className="pb-2 text-16 font-semibold">
        First steps
      </h2>
      <ol className="divide-y divide-line rounded-md border border-line">
        {steps.map((step) => (
          <li key={step.title} className="flex items-start gap-3 px-3 py-2.5">
            {step.done === true ? (
              <CircleCheck size={16} className="mt-0.5 shrink-0 text-success" aria-label="done" />
            ) : (
              <Circle size={16} className="mt-0.5 shrink-0 text-text-3" aria-label="to do" />
            )}
            <div className="min-w-0 flex-1">
              <step.link.type
                {...step.link.props}
                className="inline-flex items-center gap-1 font-medium no-underline hover:underline"
              >
                {step.title}
                <ChevronRight size={14} aria-hidden className="text-text-3" />
              </step.link.type>
              <p className="text-13 text-text-2">{step.why}</p>
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}

function known<T>(value: T | undefined, is: (value: T) => boolean): boolean | undefined {
  return value === undefined ? undefined : is(value);
}

/** True when one is known to be; not known while one is not. */
function or(a: boolean | undefined, b: boolean | undefined): boolean | undefined {
  if (a === true || b === true) return true;
  return a === undefined || b === undefined ? undefined : false;
}
