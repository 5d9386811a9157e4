import { getRouteApi } from '@tanstack/react-router';
import { UserPlus, Users } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { InvitationView, MemberView } from '../../../../src/contracts/tenants.ts';
import { Avatar } from '../../../ui/avatar.tsx';
import { Status } from '../../../ui/badge.tsx';
import { Button } from '../../../ui/button.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { PageBody } from '../../../ui/page-header.tsx';
import { type Column, readSort, writeSort } from '../../../ui/table/column.ts';
import { FilterBar, SearchBox } from '../../../ui/table/filter-bar.tsx';
import { Table } from '../../../ui/table/table.tsx';
import { Time } from '../../../ui/time.tsx';
import { say, sayFailure } from '../../../ui/toaster.tsx';
import { usePages } from '../../api/pages-of.ts';
import { useMay, useSession, useTenant } from '../../api/session.ts';
import { listInvitations, listMembers, revokeInvitation } from '../../api/tenants.ts';
import { useAct } from '../../api/use-act.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { Header } from '../../frame/header.tsx';
import { ROLE_WORDS } from '../../scopes.ts';
import { usePersonal } from '../tenant/use-personal.ts';
import { InviteDialog } from './invite.tsx';
import { MemberActions } from './member-actions.tsx';

const route = getRouteApi('/in/members');

/** Who belongs to the tenant, and who is invited. */
export function MembersPage(): ReactNode {
  const tenant = useTenant();
  const { person } = useSession();
  const may = useMay();
  const personal = usePersonal();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const members = usePages([tenant.id, 'members'], listMembers);
  const [inviting, setInviting] = useState(false);
  const canInvite = may('members:write') && personal === false;
  const wanted = (search.q ?? '').toLowerCase();
  const shown = members.rows?.filter(({ name, email }) => `${name} ${email}`.toLowerCase().includes(wanted));
  const go = (change: Partial<typeof search>) =>
    void navigate({ search: { ...search, ...change }, replace: true });
  const columns: readonly Column<MemberView>[] = [
    {
      id: 'name',
      header: 'Member',
      cell: ({ name, user_id: id }) => (
        <span className="inline-flex max-w-full items-center gap-2.5">
          <Avatar name={name} of={id} size={20} />
          <span className="truncate font-medium">{name}</span>
          {id === person.id && <span className="text-text-3">you</span>}
        </span>
      ),
      sort: ({ name }) => name,
    },
    { id: 'email', header: 'E-mail', cell: ({ email }) => email, sort: ({ email }) => email, from: 'md' },
    {
      id: 'role',
      header: 'Role',
      cell: ({ role }) => ROLE_WORDS[role].name,
      sort: ({ role }) => ROLES.indexOf(role),
    },
    {
      id: 'joined',
      header: 'Joined',
      cell: ({ joined_at: at }) => <Time at={at} as="date" />,
      sort: ({ joined_at: at }) => Date.parse(at),
      from: 'sm',
    },
    { id: 'act', header: '(Actions)', cell: (member) => <MemberActions member={member} /> },
  ];
  return (
    <PageBody>
      <Header
        title="Members"
        description={
          personal === true
            ? 'This is your own space: nobody else joins it. Make a tenant to work with others.'
            : 'Who belongs to this tenant, and what they may do.'
        }
        action={
          canInvite ? (
            <Button variant="primary" icon={UserPlus} onClick={() => setInviting(true)}>
              Invite somebody
            </Button>
          ) : undefined
        }
      />
      {(members.rows?.length ?? 0) > 5 && (
        <FilterBar>
          <SearchBox
            label="Find a member"
            value={search.q ?? ''}
            onChange={(q) => go({ q: q === '' ? undefined : q })}
          />
        </FilterBar>
      )}
      <Table
        label="Members"
        columns={columns}
        rows={shown}
        keyOf={({ user_id: id }) => id}
        sort={readSort(search.sort)}
        onSort={(sort) => go({ sort: writeSort(sort) })}
        more={members.more}
        skeletons={3}
        failure={
          members.problem === null ? undefined : (
            <ProblemNotice
              title="The members could not be loaded"
              problem={members.problem}
              onRetry={members.retry}
            />
          )
        }
        empty={
          <EmptyState
            icon={Users}
            title="Nobody is called that"
            action={<Button onClick={() => go({ q: undefined })}>Show all members</Button>}
          >
            Names and addresses are looked through.
          </EmptyState>
        }
      />
      {personal === false && <Invitations onInvite={canInvite ? () => setInviting(true) : undefined} />}
      <InviteDialog open={inviting} onClose={() => setInviting(false)} />
    </PageBody>
  );
}

const ROLES = ['owner', 'admin', 'member', 'viewer'];

const STATES: Readonly<
  Record<InvitationView['status'], { readonly word: string; readonly tone: 'info' | 'success' | 'neutral' }>
> = {
  waiting: { word: 'Waiting', tone: 'info' },
  accepted: { word: 'Accepted', tone: 'success' },
  declined: { word: 'Declined', tone: 'neutral' },
  revoked: { word: 'Taken back', tone: 'neutral' },
  expired: { word: 'Expired', tone: 'neutral' },
};

function Invitations({ onInvite }: { readonly onInvite: (() => void) | undefined }): ReactNode {
  const tenant = useTenant();
  const may = useMay();
  const invitations = usePages([tenant.id, 'invitations'], listInvitations);
  const revoke = useAct(({ id }: InvitationView) => revokeInvitation(id), {
    changes: [[tenant.id, 'invitations']],
    after: ({ email }) => say(`The invitation of ${email} is taken back`),
    failed: ({ message }) => sayFailure('The invitation stands', message),
  });
  const columns: readonly Column<InvitationView>[] = [
    { id: 'email', header: 'E-mail', cell: ({ email }) => email },
    { id: 'role', header: 'As', cell: ({ role }) => ROLE_WORDS[role].name, from: 'sm' },
    {
      id: 'status',
      header: 'Status',
      cell: ({ status }) => <Status tone={STATES[status].tone}>{STATES[status].word}</Status>,
    },
    {
      id: 'when',
      header: 'Ends',
      cell: ({ status, expires_at: at }) =>
        status === 'waiting' ? <Time at={at} /> : <span className="text-text-3">–</span>,
      from: 'sm',
    },
    {
      id: 'act',
      header: '(Take back)',
      cell: (one) =>
        one.status === 'waiting' && may('members:write') ? (
          <Button
            size="dense"
            variant="quiet"
            aria-label={`Take back the invitation of ${one.email}`}
            onClick={() => revoke.act(one)}
          >
            Take back
          </Button>
        ) : null,
    },
  ];
  return (
    <section className="pt-8" aria-labelledby="invitations">
      <h2 id="invitations" className="pb-3 text-16 font-semibold">
        Invitations
      </h2>
      <Table
        label="Invitations"
        columns={columns}
        rows={invitations.rows}
        keyOf={({ id }) => id}
        more={invitations.more}
        skeletons={2}
        failure={
          invitations.problem === null ? undefined : (
            <ProblemNotice problem={invitations.problem} onRetry={invitations.retry} />
          )
        }
        empty={
          <EmptyState
            icon={UserPlus}
            title="Nobody has been invited"
            {...(onInvite === undefined
              ? {}
              : { action: <Button onClick={onInvite}>Invite somebody</Button> })}
          >
            An invitation is mailed. Its link works once, for a week, for whoever has confirmed that address.
          </EmptyState>
        }
      />
    </section>
  );
}
