import { useQuery } from '@tanstack/react-query';
import { Fingerprint } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Badge } from '../../../ui/badge.tsx';
import { Button } from '../../../ui/button.tsx';
import { Confirm } from '../../../ui/dialog.tsx';
import { SkeletonLines } from '../../../ui/skeleton.tsx';
import { Time } from '../../../ui/time.tsx';
import { say } from '../../../ui/toaster.tsx';
import { addPasskey, listPasskeys, newPasskeyOptions, removePasskey } from '../../api/accounts.ts';
import { asProblem } from '../../api/problem.ts';
import { useAct } from '../../api/use-act.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { makePasskey } from '../../passkey.ts';
import { AskProof } from './ask-proof.tsx';

type Passkey = Awaited<ReturnType<typeof listPasskeys>>['data'][number];

/** The person's passkeys. */
export function Passkeys(): ReactNode {
  const passkeys = useQuery({ queryKey: ['passkeys'], queryFn: ({ signal }) => listPasskeys(signal) });
  const [adding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<Passkey | null>(null);
  const add = useAct(
    async (password: string) => {
      const response = await makePasskey(await newPasskeyOptions(password));
      return addPasskey(nameOfDevice(), response);
    },
    {
      changes: [['passkeys']],
      after: ({ name }) => {
        setAdding(false);
        say(`${name} can sign you in now`);
      },
    },
  );
  const remove = useAct(({ id }: Passkey) => removePasskey(id), {
    changes: [['passkeys']],
    after: () => {
      setLeaving(null);
      say('The passkey is removed');
    },
  });
  return (
    <div className="flex flex-col gap-3">
      {passkeys.error !== null && (
        <ProblemNotice problem={asProblem(passkeys.error)} onRetry={() => void passkeys.refetch()} />
      )}
      {passkeys.isPending && <SkeletonLines lines={2} label="Loading the passkeys" />}
      {passkeys.data?.data.length === 0 && <p className="text-text-2">None yet.</p>}
      {passkeys.data !== undefined && passkeys.data.data.length > 0 && (
        <ul className="divide-y divide-line rounded-md border border-line">
          {passkeys.data.data.map((passkey) => (
            <li key={passkey.id} className="flex min-h-11 items-center gap-3 px-3 py-1.5">
              <Fingerprint size={16} aria-hidden className="shrink-0 text-text-3" />
              <span className="min-w-0 flex-1 truncate font-medium">{passkey.name}</span>
              {passkey.backed_up && <Badge>on several devices</Badge>}
              <span className="text-13 text-text-3 max-sm:hidden">
                <Time at={passkey.created_at} as="date" />
              </span>
              <Button
                size="dense"
                variant="quiet"
                aria-label={`Remove ${passkey.name}`}
                onClick={() => setLeaving(passkey)}
              >
                Remove
              </Button>
            </li>
          ))}
        </ul>
      )}
      <div>
        <Button icon={Fingerprint} onClick={() => setAdding(true)}>
          Add a passkey
        </Button>
      </div>
      <AskProof
        open={adding}
        onClose={() => setAdding(false)}
        act={add}
        title="Add a passkey"
        description="First show that it is you; then your device asks for your fingerprint, face or PIN."
        action="Go on"
      />
      <Confirm
        open={leaving !== null}
        onClose={() => setLeaving(null)}
        onConfirm={() => leaving !== null && remove.act(leaving)}
        title={`Remove ${leaving?.name ?? ''}?`}
        action="Remove"
        busy={remove.busy}
        problem={<ProblemNotice problem={remove.problem} />}
      >
        <p>It no longer signs you in. Remove it from your device too, so that it is not offered there.</p>
      </Confirm>
    </div>
  );
}

/** What the passkey is called in the list: the system that it was made on. */
function nameOfDevice(): string {
  const agent = navigator.userAgent;
  const system = [
    ['iPhone', /iPhone/],
    ['iPad', /iPad/],
    ['Android', /Android/],
    ['Mac', /Mac OS X/],
    ['Windows', /Windows/],
    ['Linux', /Linux/],
  ].find(([, pattern]) => (pattern as RegExp).test(agent))?.[0];
  return `${(system as string | undefined) ?? 'This device'}, ${new Date().toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })}`;
}
