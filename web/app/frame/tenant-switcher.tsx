import { useNavigate } from '@tanstack/react-router';
import { ChevronsUpDown, Plus, Settings } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Avatar } from '../../ui/avatar.tsx';
import { classes } from '../../ui/classes.ts';
import { Menu, MenuGroup, MenuItem, MenuLine } from '../../ui/menu.tsx';
import { say, sayFailure } from '../../ui/toaster.tsx';
import { asProblem } from '../api/problem.ts';
import { useSession, useSwitchTenant } from '../api/session.ts';
import { CreateTenantDialog } from './create-tenant.tsx';

/** Whose space this is, and the way to another. */
export function TenantSwitcher({ collapsed = false }: { readonly collapsed?: boolean }): ReactNode {
  const session = useSession();
  const switchTenant = useSwitchTenant();
  const navigate = useNavigate();
  const [creating, setCreating] = useState(false);
  const { tenant, tenants } = session;
  const go = async (id: string) => {
    try {
      const next = await switchTenant(id);
      say(`You act for ${next.tenant?.name} now`);
    } catch (error) {
      sayFailure('The tenant was not changed', asProblem(error).message);
    }
  };
  if (tenant === null) return null;
  return (
    <>
      <Menu
        wide
        trigger={
          <button
            type="button"
            className="flex h-9 w-full min-w-0 items-center gap-2.5 rounded-md px-1.5 text-left hover:bg-surface-3 data-popup-open:bg-surface-3 pointer-coarse:h-11"
          >
            <Avatar name={tenant.name} of={tenant.id} square />
            <span className={classes('min-w-0 flex-1 truncate font-medium', collapsed && 'sr-only')}>
              <span className="sr-only">Tenant: </span>
              {tenant.name}
            </span>
            {!collapsed && <ChevronsUpDown size={14} aria-hidden className="shrink-0 text-text-3" />}
          </button>
        }
      >
        <MenuGroup label="Act for">
          {tenants.map((one) => (
            <MenuItem
              key={one.id}
              checked={one.id === tenant.id}
              note={one.role}
              onSelect={() => one.id !== tenant.id && void go(one.id)}
            >
              {one.name}
            </MenuItem>
          ))}
        </MenuGroup>
        <MenuLine />
        <MenuItem icon={Settings} onSelect={() => void navigate({ to: '/tenant' })}>
          Tenant settings
        </MenuItem>
        <MenuItem icon={Plus} onSelect={() => setCreating(true)}>
          New tenant
        </MenuItem>
      </Menu>
      <CreateTenantDialog open={creating} onClose={() => setCreating(false)} />
    </>
  );
}
