import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Button, buttonClass } from '../../../ui/button.tsx';
import { Notice } from '../../../ui/notice.tsx';
import { SkeletonLines } from '../../../ui/skeleton.tsx';
import { say } from '../../../ui/toaster.tsx';
import { Problem } from '../../api/problem.ts';
import { sessionQuery, useSwitchTenant } from '../../api/session.ts';
import { acceptInvitation, declineInvitation, invitationsForMe } from '../../api/tenants.ts';
import { useAct } from '../../api/use-act.ts';
import { DoorTitle } from '../../frame/door-layout.tsx';
import { ProblemNotice } from '../../frame/failure.tsx';
import { forgetInvitation, useKeptInvitation } from './kept-invitation.ts';

/** Where an invitation's link leads. It may be opened before the person has an account: the token waits in this tab meanwhile. */
export function InvitationPage(): ReactNode {
  const token = useKeptInvitation();
  const session = useQuery({ ...sessionQuery, retry: false });
  if (token === null) {
    return (
      <DoorTitle title="This link is not whole">
        Open it from the mail again, or copy all of it into the address bar.
      </DoorTitle>
    );
  }
  if (session.isPending) return <SkeletonLines label="Looking who is signed in" />;
  if (session.data !== undefined) return <Answer token={token} email={session.data.person.email} />;
  if (session.error instanceof Problem && session.error.status !== 401)
    return <ProblemNotice problem={session.error} onRetry={() => void session.refetch()} />;
  return (
    <>
      <DoorTitle title="You are invited">
        Sign in, or make an account, with the address that the invitation was mailed to. Then you can answer
        it.
      </DoorTitle>
      <div className="flex flex-col gap-2">
        <Link to="/sign-in" search={{ return_to: '/invitation' }} className={buttonClass('primary', 'wide')}>
          Sign in
        </Link>
        <Link
          to="/sign-up"
          search={{ return_to: '/invitation' }}
          className={buttonClass('secondary', 'wide')}
        >
          Make an account
        </Link>
      </div>
    </>
  );
}

function Answer({ token, email }: { readonly token: string; readonly email: string }): ReactNode {
  const navigate = useNavigate();
  const client = useQueryClient();
  const switchTenant = useSwitchTenant();
  const waiting = useQuery({
    queryKey: ['invitations', 'mine'],
    queryFn: ({ signal }) => invitationsForMe(signal),
  });
  const finish = async () => {
    forgetInvitation();
    await client.invalidateQueries({ queryKey: ['session'] });
    await navigate({ to: '/overview' });
  };
  const accept = useAct(
    async () => {
      const tenant = await acceptInvitation(token);
      await switchTenant(tenant.id);
      return tenant;
    },
    {
      after: (tenant) => {
        say(`You are in ${tenant.name} now`);
        void finish();
      },
    },
  );
  const decline = useAct(
    async () => {
      await declineInvitation(token);
      return true;
    },
    { after: () => void finish() },
  );
  const others = waiting.data?.data ?? [];
  const only = others.length === 1 ? others[0] : undefined;
  return (
    <>
      <DoorTitle title={only === undefined ? 'You are invited' : `You are invited to ${only.tenant.name}`}>
        {only === undefined
          ? 'You join the tenant of the mail that you came from.'
          : `As ${ARTICLES[only.role]} ${only.role}.`}{' '}
        You are signed in as{' '}
        <strong className="font-medium text-text [overflow-wrap:anywhere]">{email}</strong>.
      </DoorTitle>
      <div className="flex flex-col gap-4">
        {waiting.data !== undefined && others.length === 0 && accept.problem === null && (
          <Notice tone="warning" title="No invitation waits for this address">
            It may have been sent to another address of yours: sign in with that one. Or it was answered,
            taken back, or is older than a week.
          </Notice>
        )}
        <ProblemNotice problem={accept.problem ?? decline.problem} />
        <div className="flex gap-2">
          <Button variant="primary" busy={accept.busy} onClick={() => accept.act()}>
            Join
          </Button>
          <Button busy={decline.busy} onClick={() => decline.act()}>
            Decline
          </Button>
        </div>
      </div>
    </>
  );
}

const ARTICLES = { admin: 'an', member: 'a', viewer: 'a' } as const;
