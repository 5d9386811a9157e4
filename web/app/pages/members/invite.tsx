import { type ReactNode, useState } from 'react';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { Form, TextField } from '../../../ui/field.tsx';
import { say } from '../../../ui/toaster.tsx';
import { RadioChoices } from '../../../ui/toggle.tsx';
import { useTenant } from '../../api/session.ts';
import { type GivenRole, invite } from '../../api/tenants.ts';
import { useAct } from '../../api/use-act.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { ROLE_WORDS } from '../../scopes.ts';

export const GIVEN: readonly GivenRole[] = ['admin', 'member', 'viewer'];

export function InviteDialog({
  open,
  onClose,
}: {
  readonly open: boolean;
  readonly onClose: () => void;
}): ReactNode {
  const tenant = useTenant();
  const [role, setRole] = useState<GivenRole>('member');
  const act = useAct((email: string) => invite(email, role), {
    changes: [[tenant.id, 'invitations']],
    after: ({ email }) => {
      say(`An invitation is on its way to ${email}`);
      onClose();
    },
  });
  return (
    <Dialog
      open={open}
      onClose={() => {
        act.reset();
        onClose();
      }}
      width="narrow"
      title={`Invite somebody to ${tenant.name}`}
      description="They get a mail whose link works once, for a week."
    >
      <Form
        className="flex flex-col gap-4"
        errors={act.errorsAt('email')}
        onSubmit={({ email = '' }) => act.act(email.trim())}
      >
        <TextField label="E-mail" name="email" type="email" required autoFocus autoComplete="off" />
        <RadioChoices
          label="Role"
          value={role}
          onChange={setRole}
          choices={GIVEN.map((one) => ({
            value: one,
            label: ROLE_WORDS[one].name,
            help: ROLE_WORDS[one].what,
          }))}
        />
        <ProblemNotice problem={act.problemBeside('email')} />
        <div className="flex justify-end">
          <Button type="submit" variant="primary" busy={act.busy}>
            Send the invitation
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}
