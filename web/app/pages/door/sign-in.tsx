import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useRouter } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { type SignInAnswer, signInAnswerSchema } from '../../../../src/contracts/accounts.ts';
import { Button } from '../../../ui/button.tsx';
import { Form, TextField } from '../../../ui/field.tsx';
import { Notice } from '../../../ui/notice.tsx';
import { PasswordField } from '../../../ui/password-field.tsx';
import { Checkbox } from '../../../ui/toggle.tsx';
import { signIn } from '../../api/accounts.ts';
import { waysQuery } from '../../api/session.ts';
import { useAct } from '../../api/use-act.ts';
import { DoorFoot, DoorTitle, LINK } from '../../frame/door-layout.tsx';
import { ProblemNotice } from '../../frame/failure.tsx';
import { returnPath } from '../../return-to.ts';
import { CheckYourMail } from './check-your-mail.tsx';
import { OtherWays } from './other-ways.tsx';
import { SecondFactorStep } from './second-factor.tsx';

const route = getRouteApi('/door/sign-in');

type Asked = Extract<SignInAnswer, { status: 'second_factor' }>;

export function SignInPage(): ReactNode {
  const { return_to, email: given, error, second_factor: proofs, reason } = route.useSearch();
  const { data: ways } = useQuery(waysQuery);
  const [email, setEmail] = useState(given ?? '');
  const [remember, setRemember] = useState(true);
  const [asked, setAsked] = useState<Asked | null>(() => askedAfterSocial(proofs, reason));
  const [unconfirmed, setUnconfirmed] = useState(false);
  const enter = useEnter(return_to);
  const act = useAct(signIn, {
    after: (answer) => (answer.status === 'signed_in' ? enter() : setAsked(answer)),
    failed: ({ reason }) => setUnconfirmed(reason === 'email_not_verified'),
  });

  if (unconfirmed) return <CheckYourMail email={email} onBack={() => setUnconfirmed(false)} />;
  if (asked !== null) {
    return <SecondFactorStep asked={asked} email={email} onSignedIn={enter} onBack={() => setAsked(null)} />;
  }
  return (
    <>
      <DoorTitle title="Sign in" />
      <div className="flex flex-col gap-4">
        {error !== undefined && (
          <Notice tone="danger" title="You were not signed in">
            The other service did not confirm who you are, or the address there belongs to an account that is
            opened with a password.
          </Notice>
        )}
        <Form
          className="flex flex-col gap-4"
          errors={act.errorsAt('email', 'password')}
          onSubmit={({ email: address = '', password = '' }) =>
            act.act({ email: address, password, remember })
          }
        >
          <TextField
            label="E-mail"
            name="email"
            type="email"
            autoComplete="username webauthn"
            required
            autoFocus
            value={email}
            onValueChange={setEmail}
          />
          <PasswordField
            autoComplete="current-password"
            aside={
              <Link to="/forgot-password" search={{ email }} className={LINK}>
                Forgotten?
              </Link>
            }
          />
          <Checkbox label="Stay signed in on this device" checked={remember} onChange={setRemember} />
          <ProblemNotice problem={act.problemBeside('email', 'password')} />
          <Button type="submit" variant="primary" size="wide" busy={act.busy}>
            Sign in
          </Button>
        </Form>
      </div>
      <OtherWays ways={ways} returnTo={return_to} passkey onSignedIn={enter} />
      <DoorFoot>
        New here?{' '}
        <Link to="/sign-up" search={{ return_to }} className={LINK}>
          Make an account
        </Link>
      </DoorFoot>
    </>
  );
}

/** What the address says has to be proven after a sign-in with another service; null when it says nothing that we know. */
function askedAfterSocial(ways: string | undefined, reason: string | undefined): Asked | null {
  if (ways === undefined) return null;
  const asked = signInAnswerSchema.safeParse({
    status: 'second_factor',
    methods: ways.split(','),
    reason,
  });
  return asked.success && asked.data.status === 'second_factor' ? asked.data : null;
}

/** Goes in, to where the person wanted to, with nothing left of whoever was here before. */
function useEnter(returnTo: string | undefined): () => void {
  const router = useRouter();
  const client = useQueryClient();
  return () => {
    client.clear();
    void router.navigate({ href: returnPath(returnTo), replace: true });
  };
}
