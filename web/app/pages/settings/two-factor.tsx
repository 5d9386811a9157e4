import { type ReactNode, useState } from 'react';
import { Status } from '../../../ui/badge.tsx';
import { Button } from '../../../ui/button.tsx';
import { Copyable } from '../../../ui/copy.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { Form, TextField } from '../../../ui/field.tsx';
import { QrCode } from '../../../ui/qr-code.tsx';
import { say } from '../../../ui/toaster.tsx';
import { beginTwoFactor, confirmTwoFactor, endTwoFactor, renewBackupCodes } from '../../api/accounts.ts';
import { useSession } from '../../api/session.ts';
import { useAct } from '../../api/use-act.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { AskProof } from './ask-proof.tsx';
import { BackupCodes } from './backup-codes.tsx';

type Setup = Awaited<ReturnType<typeof beginTwoFactor>>;

/** Sets the authenticator app up, renews its backup codes, and takes it away. */
export function TwoFactor(): ReactNode {
  const { person } = useSession();
  const [asking, setAsking] = useState<'begin' | 'end' | 'renew' | null>(null);
  const [setup, setSetup] = useState<Setup | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const begin = useAct(beginTwoFactor, {
    after: (started) => {
      setAsking(null);
      setSetup(started);
    },
  });
  const end = useAct(endTwoFactor, {
    changes: [['session']],
    after: () => {
      setAsking(null);
      say('Codes of the app are no longer asked for');
    },
  });
  const renew = useAct(renewBackupCodes, {
    after: ({ backup_codes: renewed }) => {
      setAsking(null);
      setCodes(renewed);
    },
  });
  return (
    <div className="flex flex-col gap-3">
      <Status tone={person.two_factor ? 'success' : 'neutral'}>
        {person.two_factor ? 'Set up' : 'Not set up'}
      </Status>
      <div className="flex flex-wrap gap-2">
        {person.two_factor ? (
          <>
            <Button onClick={() => setAsking('renew')}>New backup codes</Button>
            <Button variant="danger" onClick={() => setAsking('end')}>
              Take it away
            </Button>
          </>
        ) : (
          <Button onClick={() => setAsking('begin')}>Set it up</Button>
        )}
      </div>
      <AskProof
        open={asking === 'begin'}
        onClose={() => setAsking(null)}
        act={begin}
        title="Set up an authenticator app"
        description="First show that it is you."
        action="Go on"
      />
      <AskProof
        open={asking === 'renew'}
        onClose={() => setAsking(null)}
        act={renew}
        title="New backup codes"
        description="Those that you have work no more from then on."
        action="Make new codes"
      />
      <AskProof
        open={asking === 'end'}
        onClose={() => setAsking(null)}
        act={end}
        title="Take the authenticator app away"
        description="Your password alone then lets somebody in, but for a mailed code from an unusual place."
        action="Take it away"
        danger
      />
      {setup !== null && (
        <SetUp
          setup={setup}
          onClose={() => setSetup(null)}
          onConfirmed={() => {
            setCodes(setup.backup_codes);
            setSetup(null);
          }}
        />
      )}
      {codes !== null && <BackupCodes codes={codes} onClose={() => setCodes(null)} />}
    </div>
  );
}

function SetUp({
  setup,
  onClose,
  onConfirmed,
}: {
  readonly setup: Setup;
  readonly onClose: () => void;
  readonly onConfirmed: () => void;
}): ReactNode {
  const confirm = useAct(confirmTwoFactor, { changes: [['session']], after: onConfirmed });
  const wrong =
    confirm.problem?.reason === 'wrong_code' ? { code: confirm.problem.message } : confirm.errorsAt('code');
  return (
    <Dialog
      open
      onClose={onClose}
      title="Scan this with your app"
      description="Any authenticator app will do: 1Password, Google Authenticator, Aegis and others."
    >
      <div className="flex flex-col gap-5 sm:flex-row">
        <div className="flex shrink-0 flex-col items-center gap-2">
          <QrCode text={setup.uri} label="QR code for the authenticator app" />
        </div>
        <Form
          className="flex min-w-0 flex-1 flex-col gap-4"
          errors={wrong}
          onSubmit={({ code = '' }) => confirm.act(code.trim())}
        >
          <div>
            <p className="text-13 text-text-2">You cannot scan it? Type this key into the app:</p>
            <Copyable
              text={setup.secret}
              what="the key for the app"
              shown={setup.secret.replaceAll(/(.{4})(?=.)/g, '$1 ')}
            />
          </div>
          <TextField
            label="Code"
            name="code"
            mono
            required
            autoFocus
            inputMode="numeric"
            autoComplete="one-time-code"
            minLength={6}
            maxLength={6}
            help="The six digits that the app shows now."
          />
          <ProblemNotice problem={wrong === undefined ? confirm.problem : null} />
          <div className="flex justify-end">
            <Button type="submit" variant="primary" busy={confirm.busy}>
              Confirm
            </Button>
          </div>
        </Form>
      </div>
    </Dialog>
  );
}
