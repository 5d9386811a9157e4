import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { Form, TextField } from '../../../ui/field.tsx';
import { Notice } from '../../../ui/notice.tsx';
import { Section } from '../../../ui/page-header.tsx';
import { PasswordField } from '../../../ui/password-field.tsx';
import { ThemeSwitch } from '../../../ui/theme-switch.tsx';
import { say } from '../../../ui/toaster.tsx';
import { changeEmail, deleteAccount, updatePerson } from '../../api/accounts.ts';
import { useSession } from '../../api/session.ts';
import { useAct } from '../../api/use-act.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { Rename } from '../../frame/rename.tsx';
import { MailboxHint } from '../door/check-your-mail.tsx';
import { proofErrors, proofProblem } from './proof.ts';

/** Name, address, theme, and the end of the account. */
export function ProfilePage(): ReactNode {
  return (
    <>
      <title>Profile – Parallax</title>
      <Section title="Name" description="What others in your tenants see.">
        <Name />
      </Section>
      <Section
        title="E-mail"
        description="You sign in with it, and are told there what concerns your account."
      >
        <Email />
      </Section>
      <Section title="Theme" description="On this device.">
        <ThemeSwitch />
      </Section>
      <Section
        danger
        title="Delete the account"
        description="Your own space goes with it, and so do tenants that nobody else belongs to."
      >
        <DeleteAccount />
      </Section>
    </>
  );
}

function Name(): ReactNode {
  const { person } = useSession();
  const act = useAct(updatePerson, { changes: [['session']], after: () => say('Your name is changed') });
  return <Rename name={person.name} act={act} action="Save" autoComplete="name" />;
}

function Email(): ReactNode {
  const { person } = useSession();
  const [changing, setChanging] = useState(false);
  const [sentTo, setSentTo] = useState<string | null>(null);
  const act = useAct(
    ({ email, password }: { email: string; password: string }) => changeEmail(email, password),
    {
      after: (_accepted, { email }) => {
        setSentTo(email);
        setChanging(false);
      },
    },
  );
  return (
    <div className="flex flex-col gap-3">
      <div className="flex items-center justify-between gap-3">
        <span className="min-w-0 truncate">{person.email}</span>
        <Button onClick={() => setChanging(true)}>Change</Button>
      </div>
      {sentTo !== null && (
        <>
          <Notice tone="info" title="One step is left">
            Open the link that was mailed to {sentTo}. Until then your address stays as it is.
          </Notice>
          <MailboxHint email={sentTo} />
        </>
      )}
      <Dialog
        open={changing}
        onClose={() => {
          act.reset();
          setChanging(false);
        }}
        width="narrow"
        title="Change the address"
        description="A link to confirm it is mailed to the new one."
      >
        <Form
          className="flex flex-col gap-4"
          errors={act.errorsAt('email') ?? proofErrors(act.problem)}
          onSubmit={({ email = '', password = '' }) => act.act({ email, password })}
        >
          <TextField label="New address" name="email" type="email" required autoFocus autoComplete="email" />
          <PasswordField
            autoComplete="current-password"
            required={false}
            help="Leave it empty if you have none."
          />
          <ProblemNotice problem={act.errorsAt('email') === undefined ? proofProblem(act.problem) : null} />
          <div className="flex justify-end">
            <Button type="submit" variant="primary" busy={act.busy}>
              Send the link
            </Button>
          </div>
        </Form>
      </Dialog>
    </div>
  );
}

function DeleteAccount(): ReactNode {
  const { person, tenants } = useSession();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const act = useAct(deleteAccount, {
    after: async () => {
      client.removeQueries({ queryKey: ['session'] });
      await navigate({ to: '/sign-up', search: {} });
      client.clear();
      say('Your account is deleted');
    },
  });
  const owned = act.problem?.details.tenant_ids;
  const inTheWay = Array.isArray(owned) ? tenants.filter(({ id }) => owned.includes(id)) : [];
  return (
    <>
      <Button variant="danger" onClick={() => setAsking(true)}>
        Delete the account
      </Button>
      <Dialog
        open={asking}
        onClose={() => {
          act.reset();
          setAsking(false);
        }}
        width="narrow"
        title="Delete your account?"
        description={`${person.email} can then no longer sign in. Nothing brings it back.`}
      >
        <Form
          className="flex flex-col gap-4"
          errors={proofErrors(act.problem)}
          onSubmit={({ password = '' }) => act.act(password)}
        >
          <p className="text-text-2">
            Your own space is erased with all that it has; you leave the tenants of others, and what you made
            there stays with them.
          </p>
          <PasswordField
            autoComplete="current-password"
            required={false}
            autoFocus
            help="Leave it empty if you have none."
          />
          {inTheWay.length > 0 ? (
            <Notice tone="danger" title="You own tenants that others belong to">
              Hand over or delete {inTheWay.map(({ name }) => name).join(', ')} first, under Tenant settings.
            </Notice>
          ) : (
            <ProblemNotice problem={proofProblem(act.problem)} />
          )}
          <div className="flex justify-end gap-2">
            <Button onClick={() => setAsking(false)}>Cancel</Button>
            <Button type="submit" variant="danger" busy={act.busy}>
              Delete for good
            </Button>
          </div>
        </Form>
      </Dialog>
    </>
  );
}
