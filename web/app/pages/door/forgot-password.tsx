import { getRouteApi, Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { Button } from '../../../ui/button.tsx';
import { Form, TextField } from '../../../ui/field.tsx';
import { requestReset } from '../../api/accounts.ts';
import { useAct } from '../../api/use-act.ts';
import { DoorFoot, DoorTitle, LINK } from '../../frame/door-layout.tsx';
import { ProblemNotice } from '../../frame/failure.tsx';
import { MailboxHint } from './check-your-mail.tsx';

const route = getRouteApi('/door/forgot-password');

export function ForgotPasswordPage(): ReactNode {
  const { email } = route.useSearch();
  const [sentTo, setSentTo] = useState<string | null>(null);
  const act = useAct(requestReset, { after: (_accepted, address) => setSentTo(address) });
  if (sentTo !== null) {
    return (
      <>
        <DoorTitle title="Look into your mailbox">
          If there is an account with{' '}
          <strong className="font-medium text-text [overflow-wrap:anywhere]">{sentTo}</strong>, a link to
          choose a new password is on its way. It works once, for an hour.
        </DoorTitle>
        <MailboxHint email={sentTo} />
        <DoorFoot>
          <Link to="/sign-in" className={LINK}>
            Back to signing in
          </Link>
        </DoorFoot>
      </>
    );
  }
  return (
    <>
      <DoorTitle title="Choose a new password">A link to do so is mailed to you.</DoorTitle>
      <Form
        className="flex flex-col gap-4"
        errors={act.errorsAt('email')}
        onSubmit={({ email: address = '' }) => act.act(address)}
      >
        <TextField
          label="E-mail"
          name="email"
          type="email"
          autoComplete="username"
          required
          autoFocus
          defaultValue={email ?? ''}
        />
        <ProblemNotice problem={act.problemBeside('email')} />
        <Button type="submit" variant="primary" size="wide" busy={act.busy}>
          Send the link
        </Button>
      </Form>
      <DoorFoot>
        <Link to="/sign-in" className={LINK}>
          Back to signing in
        </Link>
      </DoorFoot>
    </>
  );
}
