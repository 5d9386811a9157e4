import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Button, buttonClass } from '../../../ui/button.tsx';
import { verifyEmail } from '../../api/accounts.ts';
import { useAct } from '../../api/use-act.ts';
import { DoorTitle } from '../../frame/door-layout.tsx';
import { ProblemNotice } from '../../frame/failure.tsx';
import { useMailedToken } from '../../mailed-token.ts';

/** Where the mailed link leads. It takes a press: programs that look through mails open links too, and confirm nothing. */
export function VerifyEmailPage(): ReactNode {
  const token = useMailedToken();
  const act = useAct(verifyEmail, { changes: [['session']] });
  if (token === null) {
    return (
      <DoorTitle title="This link is not whole">
        Open it from the mail again, or copy all of it into the address bar.
      </DoorTitle>
    );
  }
  if (act.output !== undefined) {
    return (
      <>
        <DoorTitle title="Your address is confirmed">
          <strong className="font-medium text-text [overflow-wrap:anywhere]">{act.output.email}</strong> is
          yours.
        </DoorTitle>
        <Link to="/sign-in" search={{ email: act.output.email }} className={buttonClass('primary', 'wide')}>
          Sign in
        </Link>
      </>
    );
  }
  if (act.problem?.param === 'token' || act.problem?.code === 'conflict') {
    return (
      <>
        <DoorTitle title="The address was not confirmed">{act.problem.message}</DoorTitle>
        <div className="flex flex-col gap-4">
          <Link to="/sign-in" className={buttonClass('primary', 'wide')}>
            Sign in
          </Link>
          <p className="text-13 text-text-2">Signing in with your password sends a new link.</p>
        </div>
      </>
    );
  }
  return (
    <>
      <DoorTitle title="Confirm your address">
        You did this: you signed up here, or you change the address of your account.
      </DoorTitle>
      <div className="flex flex-col gap-4">
        <ProblemNotice problem={act.problem} />
        <Button variant="primary" size="wide" busy={act.busy} onClick={() => act.act(token)}>
          Confirm the address
        </Button>
        <p className="text-13 text-text-2">If it was somebody else, close this page. Nothing happens then.</p>
      </div>
    </>
  );
}
