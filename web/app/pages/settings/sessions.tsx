import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { MonitorSmartphone } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Badge } from '../../../ui/badge.tsx';
import { Button } from '../../../ui/button.tsx';
import { Confirm } from '../../../ui/dialog.tsx';
import { country } from '../../../ui/format/country.ts';
import { SkeletonLines } from '../../../ui/skeleton.tsx';
import { Time } from '../../../ui/time.tsx';
import { say, sayFailure } from '../../../ui/toaster.tsx';
import { Checkbox } from '../../../ui/toggle.tsx';
import { endSession, endSessions, listSessions } from '../../api/accounts.ts';
import { asProblem } from '../../api/problem.ts';
import { useAct } from '../../api/use-act.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { useSignOut } from '../../frame/person-menu.tsx';

type Session = Awaited<ReturnType<typeof listSessions>>['data'][number];

/** Where the person is signed in, and the way to end it. */
export function SessionsPage(): ReactNode {
  const client = useQueryClient();
  const navigate = useNavigate();
  const signOut = useSignOut();
  const sessions = useQuery({ queryKey: ['sessions'], queryFn: ({ signal }) => listSessions(signal) });
  const [asking, setAsking] = useState(false);
  const [here, setHere] = useState(false);
  const end = useAct(({ id }: Session) => endSession(id), {
    changes: [['sessions']],
    after: (_gone, { device }) => say(`${device} is signed out`),
    failed: ({ message }) => sayFailure('It is still signed in', message),
  });
  const endAll = useAct(async () => endSessions(!here), {
    changes: here ? [] : [['sessions']],
    after: async () => {
      setAsking(false);
      say('You are signed out everywhere within five seconds');
      if (!here) return;
      client.removeQueries({ queryKey: ['session'] });
      await navigate({ to: '/sign-in', search: {} });
      client.clear();
    },
  });
  return (
    <>
      <title>Sessions – Parallax</title>
      <div className="flex flex-wrap items-start justify-between gap-3 pb-4">
        <p className="max-w-[60ch] text-text-2">
          Devices that are signed in. One that you do not know is signed out here, and your password changed
          next.
        </p>
        <Button variant="danger" onClick={() => setAsking(true)}>
          Sign out everywhere
        </Button>
      </div>
      {sessions.error !== null && sessions.data === undefined && (
        <ProblemNotice
          title="The sessions could not be loaded"
          problem={asProblem(sessions.error)}
          onRetry={() => void sessions.refetch()}
        />
      )}
      {sessions.isPending && <SkeletonLines lines={3} label="Loading the sessions" />}
      {sessions.data !== undefined && (
        <ul className="divide-y divide-line rounded-md border border-line">
          {sessions.data.data.map((session) => (
            <li key={session.id} className="flex min-h-14 items-center gap-3 px-3 py-2">
              <MonitorSmartphone size={16} aria-hidden className="shrink-0 text-text-3" />
              <div className="min-w-0 flex-1">
                <p className="flex items-center gap-2">
                  <span className="truncate font-medium">{session.device}</span>
                  {session.current && <Badge tone="accent">this one</Badge>}
                </p>
                <p className="text-13 text-text-2">
                  {session.country === null ? 'Place not known' : country(session.country)}, since{' '}
                  <Time at={session.created_at} />
                </p>
              </div>
              <Button
                size="dense"
                variant="quiet"
                aria-label={`Sign out ${session.device}`}
                onClick={() => (session.current ? void signOut() : end.act(session))}
              >
                Sign out
              </Button>
            </li>
          ))}
        </ul>
      )}
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        onConfirm={() => endAll.act()}
        title="Sign out everywhere?"
        action="Sign out"
        busy={endAll.busy}
        problem={<ProblemNotice problem={endAll.problem} />}
      >
        <p>
          All other devices are signed out within five seconds. API keys and connected apps go on; end those
          on their own pages.
        </p>
        <Checkbox label="This device too" checked={here} onChange={setHere} />
      </Confirm>
    </>
  );
}
