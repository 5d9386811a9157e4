import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { LogOut, ShieldCheck, UserRound } from 'lucide-react';
import type { ReactNode } from 'react';
import { Avatar } from '../../ui/avatar.tsx';
import { classes } from '../../ui/classes.ts';
import { Menu, MenuGroup, MenuItem, MenuLine } from '../../ui/menu.tsx';
import { ThemeSwitch } from '../../ui/theme-switch.tsx';
import { sayFailure } from '../../ui/toaster.tsx';
import { ask } from '../api/client.ts';
import { asProblem } from '../api/problem.ts';
import { useSession } from '../api/session.ts';
import { forgetRecent } from './recent.ts';

/** Signs out of this browser. */
export function useSignOut(): () => Promise<void> {
  const client = useQueryClient();
  const navigate = useNavigate();
  return async () => {
    try {
      await ask('POST', '/auth/sign-out');
    } catch (error) {
      sayFailure('You are still signed in', asProblem(error).message);
      return;
    }
    // First away from what needs somebody, then forget whom.
    client.removeQueries({ queryKey: ['session'] });
    await navigate({ to: '/sign-in', search: {} });
    client.clear();
    forgetRecent();
  };
}

/** Who is signed in. */
export function PersonMenu({
  collapsed = false,
  small = false,
}: {
  readonly collapsed?: boolean;
  readonly small?: boolean;
}): ReactNode {
  const { person } = useSession();
  const signOut = useSignOut();
  return (
    <Menu
      wide
      side={small ? 'bottom' : 'top'}
      align={small ? 'end' : 'start'}
      trigger={
        <button
          type="button"
          className="flex h-9 w-full min-w-0 items-center gap-2.5 rounded-md px-1.5 text-left hover:bg-surface-3 data-popup-open:bg-surface-3 pointer-coarse:h-11 pointer-coarse:min-w-11 pointer-coarse:justify-center"
        >
          <Avatar name={person.name} of={person.id} />
          <span className={classes('min-w-0 flex-1 truncate text-13', (collapsed || small) && 'sr-only')}>
            {person.name}
            <span className="sr-only">: account</span>
          </span>
        </button>
      }
    >
      <MenuGroup label={person.email}>
        <MenuItem icon={UserRound} link={<Link to="/settings/profile" />}>
          Profile
        </MenuItem>
        <MenuItem icon={ShieldCheck} link={<Link to="/settings/security" />}>
          Security
        </MenuItem>
      </MenuGroup>
      <MenuLine />
      <div className="flex items-center justify-between gap-4 px-2 py-1">
        <span className="text-13">Theme</span>
        <ThemeSwitch />
      </div>
      <MenuLine />
      <MenuItem icon={LogOut} onSelect={() => void signOut()}>
        Sign out
      </MenuItem>
    </Menu>
  );
}
