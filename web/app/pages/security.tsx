import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { encode } from 'uqr';
import type { z } from 'zod';
import type { browserSessionListSchema, twoFactorSetupSchema } from '../../../src/contracts/accounts.ts';
import { ask, get, post } from '../api.ts';
import {
  Button,
  errorOf,
  Field,
  Notice,
  PageHead,
  RefusalNotice,
  Secret,
  Skeleton,
  TableBox,
  Time,
} from '../parts.tsx';
import { session } from '../session.ts';

const SESSIONS = ['browser-sessions'];

/** What keeps others out of the account: the second factor, and where the person is signed in. */
export function Security() {
  const who = useQuery(session);
  return (
    <>
      <PageHead title="Security" purpose="What keeps others out of your account." />
      {who.data == null ? <Skeleton /> : <SecondFactor enabled={who.data.person.two_factor} />}
      <Sessions />
    </>
  );
}

function valuesOf(event: FormEvent<HTMLFormElement>): Record<string, string> {
  event.preventDefault();
  return Object.fromEntries(
    [...new FormData(event.currentTarget)].map(([name, value]) => [name, String(value)]),
  );
}

function SecondFactor({ enabled }: { readonly enabled: boolean }) {
  const client = useQueryClient();
  const [done, setDone] = useState(false);
  const begin = useMutation({
    mutationFn: (values: Record<string, string>) =>
      post<z.infer<typeof twoFactorSetupSchema>>('/v1/me/two-factor', values),
  });
  const confirm = useMutation({
    mutationFn: (values: Record<string, string>) => post('/v1/me/two-factor/confirm', values),
    onSuccess: async () => {
      setDone(true);
      begin.reset();
      await client.invalidateQueries({ queryKey: session.queryKey });
    },
  });
  const disable = useMutation({
    mutationFn: (values: Record<string, string>) => post('/v1/me/two-factor/disable', values),
    onSuccess: () => client.invalidateQueries({ queryKey: session.queryKey }),
  });
  const setup = begin.data;
  return (
    <section className="panel" aria-labelledby="second-factor">
      <h2 id="second-factor">Authenticator app</h2>
      {done ? <Notice kind="success">From now on signing in asks for a code of your app.</Notice> : null}
      {enabled ? (
        <>
          <p>It is on: signing in asks for a code of your app.</p>
          <form onSubmit={(event) => disable.mutate(valuesOf(event))}>
            <Field
              label="Password"
              name="password"
              type="password"
              autoComplete="current-password"
              required
              help="To turn it off."
              error={errorOf(disable.error, 'password')}
            />
            <RefusalNotice error={disable.error} fields={['password']} />
            <div className="row">
              <Button type="submit" kind="danger" busy={disable.isPending}>
                Turn it off
              </Button>
            </div>
          </form>
        </>
      ) : setup === undefined ? (
        <form onSubmit={(event) => begin.mutate(valuesOf(event))}>
          <p>
            A code of an app on your phone, besides the password. Whoever has the password alone stays out.
          </p>
          <Field
            label="Password"
            name="password"
            type="password"
            autoComplete="current-password"
            required
            help="So that it is you who sets it up."
            error={errorOf(begin.error, 'password')}
          />
          <RefusalNotice error={begin.error} fields={['password']} />
          <div className="row">
            <Button type="submit" kind="primary" busy={begin.isPending}>
              Set it up
            </Button>
          </div>
        </form>
      ) : (
        <form onSubmit={(event) => confirm.mutate(valuesOf(event))}>
          <div className="set-up">
            <Code text={setup.uri} />
            <div>
              <p>Scan this with the app, or type the secret in:</p>
              <Secret value={setup.secret} label="The secret" />
            </div>
          </div>
          <div>
            <p>Keep these backup codes where you will find them without your phone. Each works once.</p>
            <ul className="codes" aria-label="Backup codes">
              {setup.backup_codes.map((code) => (
                <li key={code}>
                  <code>{code}</code>
                </li>
              ))}
            </ul>
          </div>
          <Field
            label="Code of the app"
            name="code"
            inputMode="numeric"
            autoComplete="one-time-code"
            pattern="[0-9]{6}"
            required
            help="Six digits: it shows that the app has the secret."
            error={errorOf(confirm.error, 'code')}
          />
          <RefusalNotice error={confirm.error} fields={['code']} />
          <div className="row">
            <Button type="submit" kind="primary" busy={confirm.isPending}>
              Turn it on
            </Button>
            <Button onClick={() => begin.reset()}>Cancel</Button>
          </div>
        </form>
      )}
    </section>
  );
}

/** A QR code as one path: dark on white in both themes, as cameras want it. */
function Code({ text }: { readonly text: string }) {
  const { data, size } = encode(text, { border: 2 });
  const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
  return (
    <svg
      className="qr"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label="QR code for the authenticator app"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

function Sessions() {
  const client = useQueryClient();
  const sessions = useQuery({
    queryKey: SESSIONS,
    queryFn: () => get<z.infer<typeof browserSessionListSchema>>('/v1/me/sessions'),
  });
  const end = useMutation({
    mutationFn: (path: string) => ask('DELETE', path),
    onSuccess: () => client.invalidateQueries({ queryKey: SESSIONS }),
  });
  const data = sessions.data?.data ?? [];
  return (
    <section aria-labelledby="sessions" className="stack">
      <div className="page-head">
        <h2 id="sessions">Where you are signed in</h2>
        <Button
          busy={end.isPending}
          disabled={data.length < 2}
          onClick={() => end.mutate('/v1/me/sessions?keep_current=true')}
        >
          Sign out everywhere else
        </Button>
      </div>
      <RefusalNotice error={end.error ?? sessions.error} />
      {sessions.isPending ? (
        <Skeleton rows={2} />
      ) : (
        <TableBox label="Sessions">
          <thead>
            <tr>
              <th>Device</th>
              <th>Country</th>
              <th>Since</th>
              <th>
                <span className="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {data.map(({ id, device, country, created_at, current }) => (
              <tr key={id}>
                <td>
                  {device} {current ? <span className="faint">this one</span> : null}
                </td>
                <td>{country ?? <span className="faint">unknown</span>}</td>
                <td>
                  <Time at={created_at} />
                </td>
                <td className="actions">
                  {current ? null : (
                    <Button
                      kind="danger"
                      busy={end.isPending}
                      onClick={() => end.mutate(`/v1/me/sessions/${id}`)}
                      aria-label={`Sign out ${device}`}
                    >
                      Sign out
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </TableBox>
      )}
    </section>
  );
}
