import { type ReactNode, useState } from 'react';
import type { SecondFactor, SignInAnswer } from '../../../../src/contracts/accounts.ts';
import { Button } from '../../../ui/button.tsx';
import { Form, TextField } from '../../../ui/field.tsx';
import { passkeySignIn, passkeySignInOptions, secondFactor } from '../../api/accounts.ts';
import { useAct } from '../../api/use-act.ts';
import { DoorTitle } from '../../frame/door-layout.tsx';
import { ProblemNotice } from '../../frame/failure.tsx';
import { askPasskey } from '../../passkey.ts';
import { MailboxHint } from './check-your-mail.tsx';

type Asked = Extract<SignInAnswer, { status: 'second_factor' }>;
type CodeWay = Exclude<SecondFactor, 'passkey'>;

const WAYS: Readonly<Record<CodeWay, { label: string; help: string; other: string }>> = {
  totp: {
    label: 'Code',
    help: 'Six digits from your authenticator app.',
    other: 'Use the authenticator app',
  },
  backup_code: {
    label: 'Backup code',
    help: 'One of those that you kept when you set the app up. Each works once.',
    other: 'Use a backup code',
  },
  email_code: {
    label: 'Code',
    help: 'From the mail that was sent to you just now. It works for ten minutes.',
    other: 'Use the mailed code',
  },
};

const REASONS: Readonly<Record<Asked['reason'], string>> = {
  enrolled: 'Your account asks for a second proof.',
  new_device: 'You have not signed in from this device before.',
  new_country: 'You have not signed in from this country before.',
};

/** What is asked for after the password. */
export function SecondFactorStep({
  asked,
  email,
  onSignedIn,
  onBack,
}: {
  readonly asked: Asked;
  readonly email: string;
  readonly onSignedIn: () => void;
  readonly onBack: () => void;
}): ReactNode {
  const codeWays = asked.methods.filter((method): method is CodeWay => method !== 'passkey');
  const [way, setWay] = useState<CodeWay | null>(codeWays[0] ?? null);
  const act = useAct(secondFactor, { after: onSignedIn });
  const passkey = useAct(async () => passkeySignIn(await askPasskey(await passkeySignInOptions())), {
    after: onSignedIn,
  });
  return (
    <>
      <DoorTitle title="Show that it is you">{REASONS[asked.reason]}</DoorTitle>
      <div className="flex flex-col gap-4">
        {way === 'email_code' && <MailboxHint email={email} />}
        {way !== null && (
          <Form
            key={way}
            className="flex flex-col gap-4"
            errors={act.errorsAt('code')}
            onSubmit={({ code = '' }) => act.act({ method: way, code })}
          >
            <TextField
              label={WAYS[way].label}
              name="code"
              mono
              required
              autoFocus
              inputMode={way === 'backup_code' ? 'text' : 'numeric'}
              autoComplete="one-time-code"
              minLength={6}
              maxLength={20}
              help={WAYS[way].help}
            />
            <ProblemNotice problem={act.problemBeside('code')} />
            <Button type="submit" variant="primary" size="wide" busy={act.busy}>
              Sign in
            </Button>
          </Form>
        )}
        {asked.methods.includes('passkey') && (
          <Button
            size="wide"
            variant={way === null ? 'primary' : 'secondary'}
            busy={passkey.busy}
            onClick={() => passkey.act()}
          >
            Use a passkey
          </Button>
        )}
        <ProblemNotice problem={passkey.problem} />
        <div className="flex flex-wrap gap-x-1">
          {codeWays
            .filter((other) => other !== way)
            .map((other) => (
              <Button
                key={other}
                variant="quiet"
                size="dense"
                onClick={() => {
                  act.reset();
                  setWay(other);
                }}
              >
                {WAYS[other].other}
              </Button>
            ))}
          <Button variant="quiet" size="dense" onClick={onBack}>
            Back to the sign-in
          </Button>
        </div>
      </div>
    </>
  );
}
