import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { Button } from '../../../ui/button.tsx';
import { Copyable } from '../../../ui/copy.tsx';
import { Details } from '../../../ui/details.tsx';
import { Confirm } from '../../../ui/dialog.tsx';
import { PageBody, Section } from '../../../ui/page-header.tsx';
import { SelectField } from '../../../ui/select.tsx';
import { Time } from '../../../ui/time.tsx';
import { say } from '../../../ui/toaster.tsx';
import { usePages } from '../../api/pages-of.ts';
import { asProblem } from '../../api/problem.ts';
import { useMay, useSession, useTenant } from '../../api/session.ts';
import {
  deleteTenant,
  leaveTenant,
  listMembers,
  readTenant,
  renameTenant,
  transferTenant,
} from '../../api/tenants.ts';
import { useAct } from '../../api/use-act.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { Header } from '../../frame/header.tsx';
import { Rename } from '../../frame/rename.tsx';
import { ROLE_WORDS } from '../../scopes.ts';

/** The tenant itself: its name, who owns it, its end. */
export function TenantPage(): ReactNode {
  const tenant = useTenant();
  const may = useMay();
  const details = useQuery({
    queryKey: [tenant.id, 'tenant'],
    queryFn: ({ signal }) => readTenant(tenant.id, signal),
  });
  const personal = details.data?.personal;
  return (
    <PageBody narrow>
      <Header title="Tenant settings" description="What concerns the tenant as a whole." />
      {details.error !== null && (
        <ProblemNotice problem={asProblem(details.error)} onRetry={() => void details.refetch()} />
      )}
      <Section title="Name" description="What members see, and people who are invited.">
        {may('tenant:write') ? <TenantName key={tenant.name} /> : <p>{tenant.name}</p>}
      </Section>
      <Section title="About it">
        <Details
          items={[
            ['Id', <Copyable key="id" text={tenant.id} what="the tenant’s id" />],
            ['Your role', `${ROLE_WORDS[tenant.role].name}: ${ROLE_WORDS[tenant.role].what.toLowerCase()}`],
            ['Kind', personal === undefined ? '…' : personal ? 'Your own space' : 'Shared with its members'],
            [
              'Made',
              details.data === undefined ? '…' : <Time key="made" at={details.data.created_at} as="exact" />,
            ],
          ]}
        />
      </Section>
      {personal === true && (
        <Section title="The end of it" description="Your own space goes with your account.">
          <p className="text-text-2">To delete it, delete your account, under Profile.</p>
        </Section>
      )}
      {personal === false && tenant.role === 'owner' && (
        <>
          <Section title="Hand it over" description="A member becomes the owner; you become an admin.">
            <HandOver />
          </Section>
          <Section
            danger
            title="Delete the tenant"
            description="With everything that it has. Nothing brings it back."
          >
            <Delete />
          </Section>
        </>
      )}
      {personal === false && tenant.role !== 'owner' && (
        <Section title="Leave" description="What you made stays with the tenant; your keys for it stop.">
          <Leave />
        </Section>
      )}
    </PageBody>
  );
}

function TenantName(): ReactNode {
  const tenant = useTenant();
  const act = useAct((name: string) => renameTenant(tenant.id, name), {
    changes: [['session'], [tenant.id, 'tenant']],
    after: () => say('The tenant has its new name'),
  });
  return <Rename name={tenant.name} act={act} />;
}

function HandOver(): ReactNode {
  const tenant = useTenant();
  const { person } = useSession();
  const members = usePages([tenant.id, 'members'], listMembers);
  const others = members.rows?.filter(({ user_id: id }) => id !== person.id) ?? [];
  const [chosen, setChosen] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);
  const heir = others.find(({ user_id: id }) => id === (chosen ?? others[0]?.user_id));
  const act = useAct((userId: string) => transferTenant(tenant.id, userId), {
    changes: [['session'], [tenant.id]],
    after: ({ name }) => {
      say(`${name} owns the tenant now`);
      setAsking(false);
    },
  });
  if (members.problem !== null) return <ProblemNotice problem={members.problem} onRetry={members.retry} />;
  if (members.rows !== undefined && others.length === 0)
    return <p className="text-text-2">Nobody else is a member yet. Invite somebody first.</p>;
  return (
    <div className="flex items-end gap-2">
      <div className="flex-1">
        <SelectField
          label="To"
          name="heir"
          choices={others.map(({ user_id: value, name, email }) => ({ value, label: name, note: email }))}
          value={heir?.user_id ?? ''}
          onChange={setChosen}
        />
      </div>
      <Button disabled={heir === undefined} onClick={() => setAsking(true)}>
        Hand over
      </Button>
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        onConfirm={() => heir !== undefined && act.act(heir.user_id)}
        title={`Hand ${tenant.name} over to ${heir?.name ?? ''}?`}
        action="Hand over"
        busy={act.busy}
        problem={<ProblemNotice problem={act.problem} />}
        typed={{ label: 'Type the tenant’s name:', text: tenant.name }}
      >
        <p>They can then do everything here, also remove you. Only they can hand it back.</p>
      </Confirm>
    </div>
  );
}

function Leave(): ReactNode {
  const tenant = useTenant();
  const [asking, setAsking] = useState(false);
  const act = useAct(async () => leaveTenant(), {
    changes: [['session']],
    after: () => say(`You have left ${tenant.name}`),
  });
  return (
    <>
      <Button variant="danger" onClick={() => setAsking(true)}>
        Leave the tenant
      </Button>
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        onConfirm={() => act.act()}
        title={`Leave ${tenant.name}?`}
        action="Leave"
        busy={act.busy}
        problem={<ProblemNotice problem={act.problem} />}
      >
        <p>
          Your keys for it are revoked and stop within five seconds. To come back you have to be invited
          again.
        </p>
      </Confirm>
    </>
  );
}

function Delete(): ReactNode {
  const tenant = useTenant();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const act = useAct(() => deleteTenant(tenant.id, tenant.name), {
    after: async () => {
      say(`${tenant.name} is being deleted`);
      client.removeQueries({ queryKey: [tenant.id] });
      await navigate({ to: '/overview' });
      await client.invalidateQueries({ queryKey: ['session'] });
    },
  });
  return (
    <>
      <Button variant="danger" onClick={() => setAsking(true)}>
        Delete the tenant
      </Button>
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        onConfirm={() => act.act()}
        title={`Delete ${tenant.name}?`}
        action="Delete for good"
        busy={act.busy}
        problem={<ProblemNotice problem={act.problem} />}
        typed={{ label: 'Type the tenant’s name:', text: tenant.name }}
      >
        <p>
          At once nobody is a member any more, and every key, session and app of it stops within five seconds.
        </p>
        <p>
          Its keys, provider keys, runs, credit and audit log are erased within the hour. Nothing brings them
          back.
        </p>
      </Confirm>
    </>
  );
}
