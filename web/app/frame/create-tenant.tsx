import { type ReactNode, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Form, TextField } from '../../ui/field.tsx';
import { say } from '../../ui/toaster.tsx';
import { useSwitchTenant } from '../api/session.ts';
import { createTenant } from '../api/tenants.ts';
import { useAct } from '../api/use-act.ts';
import { ProblemNotice } from './failure.tsx';

/** Makes a tenant that others can join, and goes there. */
export function CreateTenantDialog({
  open,
  onClose,
}: {
  readonly open: boolean;
  readonly onClose: () => void;
}): ReactNode {
  const switchTenant = useSwitchTenant();
  const [retryKey, setRetryKey] = useState(() => crypto.randomUUID());
  const create = useAct(
    async (name: string) => {
      const tenant = await createTenant(name, retryKey);
      await switchTenant(tenant.id);
      return tenant;
    },
    {
      changes: [['session']],
      after: (tenant) => {
        setRetryKey(crypto.randomUUID());
        say(`${tenant.name} was made, and you act for it now`);
        onClose();
      },
    },
  );
  return (
    <Dialog
      open={open}
      onClose={() => {
        create.reset();
        onClose();
      }}
      width="narrow"
      title="New tenant"
      description="A space that others can join: its members, keys, credit and audit log are its own."
    >
      <Form
        className="flex flex-col gap-4"
        errors={create.errorsAt('name')}
        onSubmit={({ name = '' }) => create.act(name)}
      >
        <TextField
          label="Name"
          name="name"
          required
          maxLength={100}
          autoFocus
          placeholder="Acme"
          autoComplete="organization"
        />
        <ProblemNotice problem={create.problemBeside('name')} />
        <div className="flex justify-end">
          <Button type="submit" variant="primary" busy={create.busy}>
            Make the tenant
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}
