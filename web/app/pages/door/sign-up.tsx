import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { Button } from '../../../ui/button.tsx';
import { Form, TextField } from '../../../ui/field.tsx';
import { Notice } from '../../../ui/notice.tsx';
import { PasswordField } from '../../../ui/password-field.tsx';
import { signUp } from '../../api/accounts.ts';
import { waysQuery } from '../../api/session.ts';
import { useAct } from '../../api/use-act.ts';
import { DoorFoot, DoorTitle, LINK } from '../../frame/door-layout.tsx';
import { ProblemNotice } from '../../frame/failure.tsx';
import { CheckYourMail } from './check-your-mail.tsx';
import { OtherWays } from './other-ways.tsx';

const route = getRouteApi('/door/sign-up');

export function SignUpPage(): ReactNode {
  const { return_to, email, ref } = route.useSearch();
  const { data: ways } = useQuery(waysQuery);
  const [sentTo, setSentTo] = useState<string | null>(null);
  const act = useAct(signUp, { after: (_accepted, body) => setSentTo(body.email) });
  if (sentTo !== null) return <CheckYourMail email={sentTo} onBack={() => setSentTo(null)} />;
  return (
    <>
      <DoorTitle title="Make an account">
        You get a space of your own, and can join those of others.
      </DoorTitle>
      <Form
        className="flex flex-col gap-4"
        errors={act.errorsAt('name', 'email', 'password')}
        onSubmit={({ name = '', email: address = '', password = '' }) =>
          act.act({ name, email: address, password, ...(ref === undefined ? {} : { referral: ref }) })
        }
      >
        <TextField label="Name" name="name" autoComplete="name" required maxLength={100} autoFocus />
        <TextField
          label="E-mail"
          name="email"
          type="email"
          autoComplete="username"
          required
          defaultValue={email ?? ''}
        />
        <PasswordField
          autoComplete="new-password"
          help="At least ten characters. Three or four words that do not belong together are good."
        />
        {ref !== undefined && (
          <Notice tone="info" title="Somebody sent you">
            With the code {ref} both of you get bonus credit when you pay for the first time.
          </Notice>
        )}
        <ProblemNotice problem={act.problemBeside('name', 'email', 'password')} />
        <Button type="submit" variant="primary" size="wide" busy={act.busy}>
          Make the account
        </Button>
      </Form>
      {/* An account of another service is made over there: the code is given under Billing then. */}
      <OtherWays
        ways={ways}
        returnTo={return_to ?? (ref === undefined ? undefined : `/billing?ref=${ref}`)}
        passkey={false}
      />
      <DoorFoot>
        You have one?{' '}
        <Link to="/sign-in" search={{ return_to }} className={LINK}>
          Sign in
        </Link>
      </DoorFoot>
    </>
  );
}
