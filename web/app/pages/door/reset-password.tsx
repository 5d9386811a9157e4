import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Button, buttonClass } from '../../../ui/button.tsx';
import { Form } from '../../../ui/field.tsx';
import { PasswordField } from '../../../ui/password-field.tsx';
import { resetPassword } from '../../api/accounts.ts';
import { useAct } from '../../api/use-act.ts';
import { DoorTitle } from '../../frame/door-layout.tsx';
import { ProblemNotice } from '../../frame/failure.tsx';
import { useMailedToken } from '../../mailed-token.ts';

/** Where the mailed link to choose a new password leads. */
export function ResetPasswordPage(): ReactNode {
  const token = useMailedToken();
  // A 204 has no body, so that it went well is said by a value of our own.
  const act = useAct(async (password: string) => {
    await resetPassword({ token: token ?? '', password });
    return true;
  });
  if (token === null || act.problem?.param === 'token') {
    return (
      <>
        <DoorTitle title="This link does not work any more">
          Links work once, for an hour. Ask for a new one.
        </DoorTitle>
        <Link to="/forgot-password" className={buttonClass('primary', 'wide')}>
          Send a new link
        </Link>
      </>
    );
  }
  if (act.output === true) {
    return (
      <>
        <DoorTitle title="Your password is changed">
          You were signed out everywhere. Sign in with the new one.
        </DoorTitle>
        <Link to="/sign-in" className={buttonClass('primary', 'wide')}>
          Sign in
        </Link>
      </>
    );
  }
  return (
    <>
      <DoorTitle title="Choose a new password">All devices are signed out with it.</DoorTitle>
      <Form
        className="flex flex-col gap-4"
        errors={act.errorsAt('password')}
        onSubmit={({ password = '' }) => act.act(password)}
      >
        <PasswordField
          label="New password"
          autoComplete="new-password"
          autoFocus
          help="At least ten characters."
        />
        <ProblemNotice problem={act.problemBeside('password')} />
        <Button type="submit" variant="primary" size="wide" busy={act.busy}>
          Change the password
        </Button>
      </Form>
    </>
  );
}
