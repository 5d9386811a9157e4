import { type ReactNode, useState } from 'react';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { Form } from '../../../ui/field.tsx';
import { Section } from '../../../ui/page-header.tsx';
import { PasswordField } from '../../../ui/password-field.tsx';
import { say } from '../../../ui/toaster.tsx';
import { changePassword } from '../../api/accounts.ts';
import { useAct } from '../../api/use-act.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { Passkeys } from './passkeys.tsx';
import { TwoFactor } from './two-factor.tsx';

/** The ways in: password, authenticator app, passkeys. */
export function SecurityPage(): ReactNode {
  return (
    <>
      <title>Security – Parallax</title>
      <Section title="Password" description="Ten characters or more, and used nowhere else.">
        <Password />
      </Section>
      <Section
        title="Authenticator app"
        description="Six digits from an app on your phone, beside the password. Operators need it."
      >
        <TwoFactor />
      </Section>
      <Section
        title="Passkeys"
        description="Your fingerprint, face or PIN instead of a password. Nothing can be guessed or phished."
      >
        <Passkeys />
      </Section>
    </>
  );
}

function Password(): ReactNode {
  const [changing, setChanging] = useState(false);
  const act = useAct(
    ({ current, next }: { current: string; next: string }) => changePassword(current, next),
    {
      after: () => {
        setChanging(false);
        say('Your password is changed');
      },
    },
  );
  const wrong =
    act.problem?.reason === 'wrong_password' ? { current_password: act.problem.message } : undefined;
  return (
    <>
      <Button onClick={() => setChanging(true)}>Change the password</Button>
      <Dialog
        open={changing}
        onClose={() => {
          act.reset();
          setChanging(false);
        }}
        width="narrow"
        title="Change the password"
        description="Other devices are signed out."
      >
        <Form
          className="flex flex-col gap-4"
          errors={wrong ?? act.errorsAt('current_password', 'new_password')}
          onSubmit={({ current_password: current = '', new_password: next = '' }) =>
            act.act({ current, next })
          }
        >
          <PasswordField
            label="Present password"
            name="current_password"
            autoComplete="current-password"
            required={false}
            autoFocus
            help="Leave it empty if you have none yet."
          />
          <PasswordField
            label="New password"
            name="new_password"
            autoComplete="new-password"
            help="At least ten characters. Three or four words that do not belong together are good."
          />
          <ProblemNotice
            problem={wrong === undefined ? act.problemBeside('current_password', 'new_password') : null}
          />
          <div className="flex justify-end">
            <Button type="submit" variant="primary" busy={act.busy}>
              Change the password
            </Button>
          </div>
        </Form>
      </Dialog>
    </>
  );
}
