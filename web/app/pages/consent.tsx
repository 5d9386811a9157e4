import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { z } from 'zod';
import type { oauthRequestSchema } from '../../../src/contracts/oauth.ts';
import type { Scope } from '../../../src/contracts/principal.ts';
import { get, post } from '../api.ts';
import { Brand, Button, Notice, RefusalNotice, Skeleton } from '../parts.tsx';
import { session } from '../session.ts';

/** Who asks, in which tenant, for what, and where the tokens go: the person decides. */
export function Consent() {
  const id = new URLSearchParams(window.location.search).get('request') ?? '';
  const who = useQuery(session);
  const request = useQuery({
    queryKey: ['oauth-request', id],
    queryFn: () => get<z.infer<typeof oauthRequestSchema>>(`/v1/oauth/requests/${encodeURIComponent(id)}`),
    enabled: who.data !== null && who.data !== undefined && id !== '',
    retry: false,
  });
  useEffect(() => {
    document.title = 'Connect an app – Parallax';
    if (who.data === null)
      window.location.replace(
        `/sign-in?next=${encodeURIComponent(`/consent?request=${encodeURIComponent(id)}`)}`,
      );
  }, [who.data, id]);
  return (
    <main className="narrow wide">
      <a className="brand" href="/">
        <Brand /> Parallax
      </a>
      {request.isError || id === '' ? (
        <>
          <h1>Nothing to decide</h1>
          <Notice kind="warning">
            {id === '' ? 'This page is opened by an app that wants to connect.' : request.error?.message}
          </Notice>
        </>
      ) : request.data === undefined ? (
        <Skeleton rows={4} />
      ) : (
        <Decision request={request.data} email={who.data?.person.email ?? ''} tenant={who.data?.tenant?.id} />
      )}
    </main>
  );
}

function Decision({
  request,
  email,
  tenant,
}: {
  readonly request: z.infer<typeof oauthRequestSchema>;
  readonly email: string;
  readonly tenant: string | undefined;
}) {
  const [tenantId, setTenantId] = useState(tenant ?? request.tenants[0]?.id ?? '');
  const [scopes, setScopes] = useState<readonly Scope[]>(request.scopes.map(({ scope }) => scope));
  const [remember, setRemember] = useState(false);
  const decide = useMutation({
    mutationFn: (decision: 'allow' | 'deny') =>
      post<{ redirect_to: string }>(`/v1/oauth/requests/${encodeURIComponent(request.id)}`, {
        decision,
        ...(decision === 'allow' ? { tenant_id: tenantId, scopes, remember } : {}),
      }),
    onSuccess: ({ redirect_to }) => window.location.assign(redirect_to),
  });
  const { client } = request;
  return (
    <>
      <h1>
        Let <bdi>{client.name}</bdi> in?
      </h1>
      <p>
        {client.host === null ? (
          <>It registered itself: anybody can use this name.</>
        ) : (
          <>
            Vouched for by <strong>{client.host}</strong>.
          </>
        )}{' '}
        You are signed in as {email}.
      </p>
      {request.localhost_only ? (
        <Notice kind="warning">
          The access goes to a program on <strong>your own machine</strong> ({request.redirect_host}). Go on
          only if you have just started signing in from it.
        </Notice>
      ) : (
        <Notice kind="info">
          The access goes to <strong>{request.redirect_host}</strong>.
        </Notice>
      )}
      <fieldset>
        <legend>It may</legend>
        {request.scopes.map(({ scope, description }) => (
          <label key={scope} className="choice">
            <input
              type="checkbox"
              checked={scopes.includes(scope)}
              onChange={(event) =>
                setScopes(event.target.checked ? [...scopes, scope] : scopes.filter((one) => one !== scope))
              }
            />
            <span>
              {description} <code>{scope}</code>
            </span>
          </label>
        ))}
      </fieldset>
      <fieldset>
        <legend>In the name of</legend>
        {request.tenants.map(({ id, name, role }) => (
          <label key={id} className="choice">
            <input type="radio" name="tenant" checked={id === tenantId} onChange={() => setTenantId(id)} />
            <span>
              <bdi>{name}</bdi> <span className="faint">{role}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {request.localhost_only ? null : (
        <label className="choice">
          <input type="checkbox" checked={remember} onChange={(event) => setRemember(event.target.checked)} />
          <span>Do not ask again for 30 days at this browser</span>
        </label>
      )}
      <RefusalNotice error={decide.error} />
      <div className="row">
        <Button
          kind="primary"
          busy={decide.isPending}
          disabled={scopes.length === 0 || tenantId === ''}
          onClick={() => decide.mutate('allow')}
        >
          Let it in
        </Button>
        <Button busy={decide.isPending} onClick={() => decide.mutate('deny')}>
          Not now
        </Button>
      </div>
      <p className="help">It can never do more than your role allows. You can disconnect it at any time.</p>
    </>
  );
}
