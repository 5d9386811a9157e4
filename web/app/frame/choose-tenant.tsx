import { type ReactNode, useState } from 'react';
import { Avatar } from '../../ui/avatar.tsx';
import { Button } from '../../ui/button.tsx';
import { Logo } from '../../ui/logo.tsx';
import { useSession, useSwitchTenant } from '../api/session.ts';
import { useAct } from '../api/use-act.ts';
import { CreateTenantDialog } from './create-tenant.tsx';
import { ProblemNotice } from './failure.tsx';
import { useSignOut } from './person-menu.tsx';

/** Somebody who is in none of the tenants that they acted for: they choose one, or make one. */
export function ChooseTenant(): ReactNode {
  const { tenants } = useSession();
  const switchTenant = useSwitchTenant();
  const change = useAct(switchTenant);
  const signOut = useSignOut();
  const [creating, setCreating] = useState(false);
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-[400px] flex-col justify-center gap-5 px-4 py-10">
      <title>Choose a tenant – Parallax</title>
      <Logo size={28} />
      <div>
        <h1 className="text-20 font-semibold">Choose a tenant</h1>
        <p className="mt-1 text-text-2">
          You are no longer in the tenant that you acted for. Nothing of yours elsewhere has changed.
        </p>
      </div>
      {tenants.length > 0 && (
        <ul className="divide-y divide-line overflow-hidden rounded-md border border-line-2">
          {tenants.map((tenant) => (
            <li key={tenant.id}>
              <button
                type="button"
                className="flex h-11 w-full items-center gap-3 px-3 text-left hover:bg-surface-2"
                onClick={() => change.act(tenant.id)}
              >
                <Avatar name={tenant.name} of={tenant.id} square />
                <span className="flex-1 truncate font-medium">{tenant.name}</span>
                <span className="text-13 text-text-3">{tenant.role}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <ProblemNotice problem={change.problem} />
      <div className="flex gap-2">
        <Button onClick={() => setCreating(true)}>New tenant</Button>
        <Button variant="quiet" onClick={() => void signOut()}>
          Sign out
        </Button>
      </div>
      <CreateTenantDialog open={creating} onClose={() => setCreating(false)} />
    </main>
  );
}
