import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Button, buttonClass } from '../../../ui/button.tsx';
import { Notice } from '../../../ui/notice.tsx';
import { resendVerification } from '../../api/accounts.ts';
import { waysQuery } from '../../api/session.ts';
import { useAct } from '../../api/use-act.ts';
import { DoorTitle } from '../../frame/door-layout.tsx';
import { ProblemNotice } from '../../frame/failure.tsx';

/** A link to confirm the address is on its way. The same is said of every address, known or not. */
export function CheckYourMail({
  email,
  onBack,
}: {
  readonly email: string;
  readonly onBack: () => void;
}): ReactNode {
  const resend = useAct(resendVerification);
  return (
    <>
      <DoorTitle title="Look into your mailbox">
        A link is on its way to{' '}
        <strong className="font-medium text-text [overflow-wrap:anywhere]">{email}</strong>. Open it within an
        hour, then you can sign in.
      </DoorTitle>
      <div className="flex flex-col gap-4">
        <MailboxHint email={email} />
        {resend.output !== undefined && <Notice tone="success">Another link is on its way.</Notice>}
        <ProblemNotice problem={resend.problem} />
        <div className="flex gap-2">
          <Button busy={resend.busy} onClick={() => resend.act(email)}>
            Send another link
          </Button>
          <Button variant="quiet" onClick={onBack}>
            Use another address
          </Button>
        </div>
        <p className="text-13 text-text-2">
          Nothing there? Look into the folder for unwanted mail. Links come from this site’s own address.
        </p>
      </div>
    </>
  );
}

/** On a local deployment nothing is sent: the mails are read at a page. */
export function MailboxHint({ email }: { readonly email: string }): ReactNode {
  const { data: ways } = useQuery(waysQuery);
  if (ways?.dev_mailbox !== true) return null;
  return (
    <Notice
      title="This deployment sends no mails"
      action={
        <Link to="/dev/mailbox" search={{ to: email }} className={buttonClass('secondary', 'dense')}>
          Open the mailbox
        </Link>
      }
    >
      They are kept here for you to read, because it runs on somebody’s own machine.
    </Notice>
  );
}
