import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { ArrowRight, BadgeCheck } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { Scope } from '../../../../src/contracts/principal.ts';
import { Avatar } from '../../../ui/avatar.tsx';
import { Button } from '../../../ui/button.tsx';
import { Logo } from '../../../ui/logo.tsx';
import { Notice } from '../../../ui/notice.tsx';
import { SelectField } from '../../../ui/select.tsx';
import { SkeletonLines } from '../../../ui/skeleton.tsx';
import { Checkbox } from '../../../ui/toggle.tsx';
import { decide, type OAuthRequest, readRequest } from '../../api/oauth.ts';
import { asProblem } from '../../api/problem.ts';
import { useSession } from '../../api/session.ts';
import { useAct } from '../../api/use-act.ts';
import { DoorTitle } from '../../frame/door-layout.tsx';
import { ProblemNotice } from '../../frame/failure.tsx';

const route = getRouteApi('/door/person/consent');

/** An app wants in. Who asks, for whom, for what, and where the answer goes: the person decides. */
export function ConsentPage(): ReactNode {
  const { request: id } = route.useSearch();
  const request = useQuery({
    queryKey: ['oauth-request', id],
    queryFn: ({ signal }) => readRequest(id ?? '', signal),
    enabled: id !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  if (id === undefined)
    return (
      <DoorTitle title="Nothing is asked for">Start again in the app that you want to connect.</DoorTitle>
    );
  if (request.error !== null) {
    return (
      <>
        <DoorTitle title="This request cannot be answered" />
        <ProblemNotice problem={asProblem(request.error)} />
      </>
    );
  }
  if (request.data === undefined) return <SkeletonLines lines={5} label="Reading what the app asks for" />;
  return <Question id={id} request={request.data} />;
}

function Question({ id, request }: { readonly id: string; readonly request: OAuthRequest }): ReactNode {
  const { person, tenant } = useSession();
  const { client, redirect_host, localhost_only, scopes, tenants } = request;
  const [tenantId, setTenantId] = useState(
    () => tenants.find((one) => one.id === tenant?.id)?.id ?? tenants[0]?.id ?? '',
  );
  const [granted, setGranted] = useState<ReadonlySet<Scope>>(() => new Set(scopes.map(({ scope }) => scope)));
  const [remember, setRemember] = useState(false);
  const answer = useAct(
    (decision: 'allow' | 'deny') =>
      decide(
        id,
        decision === 'deny'
          ? { decision }
          : { decision, tenant_id: tenantId, scopes: [...granted], remember },
      ),
    { after: ({ redirect_to }) => window.location.assign(redirect_to) },
  );
  const gone = answer.output !== undefined;
  if (gone)
    return <DoorTitle title="Going back to the app">You can close this tab if nothing happens.</DoorTitle>;
  return (
    <div className="flex flex-col gap-5">
      <div className="flex items-center gap-3" aria-hidden>
        <Avatar name={client.name} size={32} square />
        <ArrowRight size={16} className="text-text-3" />
        <span className="grid size-8 place-items-center rounded-sm border border-line">
          <Logo size={18} />
        </span>
      </div>
      <div>
        <title>{`${client.name} asks for access – Parallax`}</title>
        <h1 className="text-20 font-semibold tracking-tight [overflow-wrap:anywhere]">
          {client.name} asks to act for you
        </h1>
        <p className="mt-1 flex items-start gap-1.5 text-13 text-text-2">
          {client.host !== null ? (
            <>
              <BadgeCheck size={16} aria-hidden className="mt-0.5 shrink-0 text-success" />
              <span>
                <strong className="font-medium text-text">{client.host}</strong> vouches for it.
              </span>
            </>
          ) : (
            <span>
              Nobody vouches for this name: an app can call itself anything. Go on only if you have just
              opened it.
            </span>
          )}
        </p>
      </div>

      <SelectField
        label="In the tenant"
        name="tenant"
        choices={tenants.map((one) => ({
          value: one.id,
          label: one.name,
          note: `You are ${one.role} there`,
        }))}
        value={tenantId}
        onChange={setTenantId}
        help="It sees and pays with what this tenant has, and never more than your role there allows."
      />

      <fieldset className="flex flex-col">
        <legend className="pb-1.5 text-13 font-medium">It may</legend>
        <div className="flex flex-col divide-y divide-line overflow-hidden rounded-md border border-line-2">
          {scopes.map(({ scope, description }) => (
            <Checkbox
              key={scope}
              className="px-3 py-2"
              label={description}
              checked={granted.has(scope)}
              onChange={(on) => {
                const next = new Set(granted);
                if (on) next.add(scope);
                else next.delete(scope);
                setGranted(next);
              }}
            />
          ))}
        </div>
      </fieldset>

      <dl className="flex flex-col gap-1 text-13">
        <div className="flex justify-between gap-4">
          <dt className="text-text-2">The way in goes to</dt>
          <dd className="min-w-0 truncate font-mono font-medium" title={redirect_host}>
            {redirect_host}
          </dd>
        </div>
        <div className="flex justify-between gap-4">
          <dt className="text-text-2">You are</dt>
          <dd className="min-w-0 truncate">{person.email}</dd>
        </div>
      </dl>

      {localhost_only ? (
        <Notice tone="warning" title="A program on your own machine">
          Whatever program listens there gets in. Allow it only if you have just started this from it, on this
          machine.
        </Notice>
      ) : (
        <Checkbox
          label="Do not ask again for 30 days"
          help="For the same or less, in this tenant, at this browser."
          checked={remember}
          onChange={setRemember}
        />
      )}

      <ProblemNotice problem={answer.problem} />
      <div className="flex flex-col gap-2">
        <Button
          variant="primary"
          size="wide"
          busy={answer.busy}
          disabled={granted.size === 0 || tenantId === ''}
          onClick={() => answer.act('allow')}
        >
          Allow
        </Button>
        <Button size="wide" disabled={answer.busy} onClick={() => answer.act('deny')}>
          Refuse
        </Button>
        <p className="text-12 text-text-3">You can disconnect it at any time, under Connected apps.</p>
      </div>
    </div>
  );
}
