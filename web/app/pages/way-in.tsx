import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import type { z } from 'zod';
import type { SignInAnswer, signInWaysSchema } from '../../../src/contracts/accounts.ts';
import { MIN_PASSWORD_LENGTH } from '../../../src/contracts/password-length.ts';
import { get, post } from '../api.ts';
import { Brand, Button, errorOf, Field, Notice, RefusalNotice } from '../parts.tsx';
import { nextPath, session } from '../session.ts';

/** The narrow page that all ways in share. */
function Narrow({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} – Parallax`;
  }, [title]);
  return (
    <main className="narrow">
      <a className="brand" href="/">
        <Brand /> Parallax
      </a>
      <h1>{title}</h1>
      {children}
    </main>
  );
}

/** Hands a form's values to `then`; the browser checks what it can before. */
function submitting(then: (values: Record<string, string>) => void) {
  return (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    then(Object.fromEntries([...data].map(([name, value]) => [name, String(value)])));
  };
}

function useWays() {
  return useQuery({
    queryKey: ['ways'],
    queryFn: () => get<z.infer<typeof signInWaysSchema>>('/auth/ways'),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

const SOCIAL = { google: 'Google', github: 'GitHub', microsoft: 'Microsoft' } as const;

/** A refused social sign-in comes back with a code in the address. */
const SOCIAL_REFUSED = 'That did not work. Try again, or sign in with your password.';

export function SignIn() {
  const client = useQueryClient();
  const ways = useWays();
  const [factor, setFactor] = useState<Extract<SignInAnswer, { status: 'second_factor' }> | null>(null);
  const failed = new URLSearchParams(window.location.search).get('error');
  const done = async () => {
    await client.invalidateQueries({ queryKey: session.queryKey });
    window.location.assign(nextPath(window.location.search));
  };
  const signIn = useMutation({
    mutationFn: (values: Record<string, string>) => post<SignInAnswer>('/auth/sign-in', values),
    onSuccess: (answer) => (answer.status === 'signed_in' ? done() : setFactor(answer)),
  });
  const social = useMutation({
    mutationFn: (provider: string) =>
      post<{ url: string }>(`/auth/social/${provider}`, { return_to: nextPath(window.location.search) }),
    onSuccess: ({ url }) => window.location.assign(url),
  });
  if (factor !== null) return <SecondFactor factor={factor} done={done} />;
  return (
    <Narrow title="Sign in">
      {failed === null ? null : <Notice kind="danger">{SOCIAL_REFUSED}</Notice>}
      <form onSubmit={submitting((values) => signIn.mutate(values))}>
        <Field label="E-mail" name="email" type="email" autoComplete="username" required />
        <Field label="Password" name="password" type="password" autoComplete="current-password" required />
        <RefusalNotice error={signIn.error} />
        <Button type="submit" kind="primary" busy={signIn.isPending}>
          Sign in
        </Button>
      </form>
      {(ways.data?.social ?? []).map((provider) => (
        <Button key={provider} onClick={() => social.mutate(provider)} busy={social.isPending}>
          Go on with {SOCIAL[provider]}
        </Button>
      ))}
      <RefusalNotice error={social.error} />
      <p className="links">
        <Link to="/forgot-password">I forgot my password</Link>
        <Link to="/sign-up" search={true}>
          Make an account
        </Link>
      </p>
    </Narrow>
  );
}

const WHY = {
  enrolled: 'Your account asks for more than the password.',
  new_device: 'You have not signed in from this kind of device before.',
  new_country: 'You have not signed in from this country before.',
} as const;

const FACTORS = {
  totp: { label: 'Code of your authenticator app', help: 'Six digits, new every 30 seconds.' },
  backup_code: { label: 'Backup code', help: 'One of those you kept; each works once.' },
  email_code: { label: 'Code that we mailed you', help: 'Eight digits, for ten minutes.' },
} as const;

function SecondFactor({
  factor,
  done,
}: {
  readonly factor: Extract<SignInAnswer, { status: 'second_factor' }>;
  readonly done: () => Promise<void>;
}) {
  const methods = factor.methods.filter((method) => method !== 'passkey');
  const [method, setMethod] = useState<keyof typeof FACTORS>(methods[0] ?? 'email_code');
  const prove = useMutation({
    mutationFn: (values: Record<string, string>) => post('/auth/second-factor', { ...values, method }),
    onSuccess: done,
  });
  return (
    <Narrow title="One more step">
      <p>{WHY[factor.reason]}</p>
      <form onSubmit={submitting((values) => prove.mutate(values))}>
        <Field
          key={method}
          {...FACTORS[method]}
          name="code"
          inputMode={method === 'backup_code' ? 'text' : 'numeric'}
          autoComplete="one-time-code"
          autoFocus
          required
          error={errorOf(prove.error, 'code')}
        />
        <RefusalNotice error={prove.error} fields={['code']} />
        <Button type="submit" kind="primary" busy={prove.isPending}>
          Go on
        </Button>
      </form>
      <p className="links">
        {methods
          .filter((other) => other !== method)
          .map((other) => (
            <button key={other} type="button" className="link" onClick={() => setMethod(other)}>
              Use: {FACTORS[other].label.toLowerCase()}
            </button>
          ))}
      </p>
    </Narrow>
  );
}

export function SignUp() {
  const ways = useWays();
  const signUp = useMutation({
    mutationFn: (values: Record<string, string>) => post<{ message: string }>('/auth/sign-up', values),
  });
  if (signUp.isSuccess)
    return <MailSent title="Look into your mail" message={signUp.data.message} ways={ways.data} />;
  return (
    <Narrow title="Make an account">
      <form onSubmit={submitting((values) => signUp.mutate(values))}>
        <Field
          label="Name"
          name="name"
          autoComplete="name"
          required
          maxLength={100}
          error={errorOf(signUp.error, 'name')}
        />
        <Field
          label="E-mail"
          name="email"
          type="email"
          autoComplete="username"
          required
          error={errorOf(signUp.error, 'email')}
        />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="new-password"
          required
          minLength={MIN_PASSWORD_LENGTH}
          help={`At least ${MIN_PASSWORD_LENGTH} characters. A few words that do not belong together are best.`}
          error={errorOf(signUp.error, 'password')}
        />
        <RefusalNotice error={signUp.error} fields={['name', 'email', 'password']} />
        <Button type="submit" kind="primary" busy={signUp.isPending}>
          Make the account
        </Button>
      </form>
      <p className="links">
        <Link to="/sign-in" search={true}>
          I have an account
        </Link>
      </p>
    </Narrow>
  );
}

function MailSent({
  title,
  message,
  ways,
}: {
  readonly title: string;
  readonly message: string;
  readonly ways: z.infer<typeof signInWaysSchema> | undefined;
}) {
  return (
    <Narrow title={title}>
      <Notice kind="info">{message}</Notice>
      {ways?.dev_mailbox === true ? (
        <p>
          This server sends no mail: read it in the <a href="/dev/mailbox">dev mailbox</a>.
        </p>
      ) : null}
      <p className="links">
        <Link to="/sign-in">Sign in</Link>
      </p>
    </Narrow>
  );
}

/** The token of a mail's link, which no server sees: it stands behind the #. */
function mailedToken(): string {
  const token = new URLSearchParams(window.location.hash.slice(1)).get('token') ?? '';
  // Out of the address, and so out of the history and of pictures of the page.
  if (token !== '') window.history.replaceState(window.history.state, '', window.location.pathname);
  return token;
}

export function VerifyEmail() {
  const [token] = useState(mailedToken);
  const verify = useMutation({ mutationFn: () => post<{ email: string }>('/auth/verify-email', { token }) });
  if (verify.isSuccess) {
    return (
      <Narrow title="Your address is confirmed">
        <Notice kind="success">{verify.data.email} is yours. You can sign in now.</Notice>
        <Link className="button primary" to="/sign-in">
          Sign in
        </Link>
      </Narrow>
    );
  }
  return (
    <Narrow title="Confirm your address">
      {token === '' ? (
        <Notice kind="danger">This link is not whole. Open it from the mail once more.</Notice>
      ) : (
        <>
          <p>One press, and the account is yours.</p>
          <RefusalNotice error={verify.error} />
          <Button kind="primary" busy={verify.isPending} onClick={() => verify.mutate()}>
            Confirm
          </Button>
        </>
      )}
    </Narrow>
  );
}

export function ForgotPassword() {
  const ways = useWays();
  const request = useMutation({
    mutationFn: (values: Record<string, string>) => post<{ message: string }>('/auth/request-reset', values),
  });
  if (request.isSuccess)
    return <MailSent title="Look into your mail" message={request.data.message} ways={ways.data} />;
  return (
    <Narrow title="A new password">
      <p>We mail you a link to choose one.</p>
      <form onSubmit={submitting((values) => request.mutate(values))}>
        <Field label="E-mail" name="email" type="email" autoComplete="username" required />
        <RefusalNotice error={request.error} />
        <Button type="submit" kind="primary" busy={request.isPending}>
          Send the link
        </Button>
      </form>
      <p className="links">
        <Link to="/sign-in">Back to sign in</Link>
      </p>
    </Narrow>
  );
}

export function ResetPassword() {
  const [token] = useState(mailedToken);
  const reset = useMutation({
    mutationFn: (values: Record<string, string>) => post('/auth/reset-password', { ...values, token }),
  });
  if (reset.isSuccess) {
    return (
      <Narrow title="Your password is changed">
        <Notice kind="success">You are signed out everywhere. Sign in with the new password.</Notice>
        <Link className="button primary" to="/sign-in">
          Sign in
        </Link>
      </Narrow>
    );
  }
  return (
    <Narrow title="Choose a new password">
      <form onSubmit={submitting((values) => reset.mutate(values))}>
        <Field
          label="New password"
          name="password"
          type="password"
          autoComplete="new-password"
          required
          minLength={MIN_PASSWORD_LENGTH}
          help={`At least ${MIN_PASSWORD_LENGTH} characters.`}
          error={errorOf(reset.error, 'password')}
        />
        <RefusalNotice error={reset.error} fields={['password']} />
        <Button type="submit" kind="primary" busy={reset.isPending} disabled={token === ''}>
          Change the password
        </Button>
      </form>
    </Narrow>
  );
}
