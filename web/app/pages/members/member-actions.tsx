import { Ellipsis, LogOut, UserMinus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { MemberView } from '../../../../src/contracts/tenants.ts';
import { IconButton } from '../../../ui/button.tsx';
import { Confirm } from '../../../ui/dialog.tsx';
import { Menu, MenuGroup, MenuItem, MenuLine } from '../../../ui/menu.tsx';
import { say, sayFailure } from '../../../ui/toaster.tsx';
import { useMay, useSession, useTenant } from '../../api/session.ts';
import { changeRole, type GivenRole, leaveTenant, removeMember } from '../../api/tenants.ts';
import { useAct } from '../../api/use-act.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { ROLE_WORDS } from '../../scopes.ts';
import { GIVEN } from './invite.tsx';

/** What can be done about one member: another role, or the end of the membership. */
export function MemberActions({ member }: { readonly member: MemberView }): ReactNode {
  const tenant = useTenant();
  const may = useMay();
  const { person } = useSession();
  const self = member.user_id === person.id;
  const [asking, setAsking] = useState(false);
  const role = useAct((next: GivenRole) => changeRole(member.user_id, next), {
    changes: [[tenant.id, 'members']],
    after: (changed) => say(`${changed.name} is ${ROLE_WORDS[changed.role].name.toLowerCase()} now`),
    failed: ({ message }) => sayFailure('The role stays as it was', message),
  });
  const end = useAct(async () => (self ? await leaveTenant() : await removeMember(member.user_id)), {
    changes: self ? [['session']] : [[tenant.id, 'members']],
    after: () => {
      say(self ? `You have left ${tenant.name}` : `${member.name} is no member any more`);
      setAsking(false);
    },
  });
  // The owner is neither given another role nor removed: the tenant is handed over first.
  if (member.role === 'owner') return null;
  if (!(self || may('members:write'))) return null;
  return (
    <>
      <Menu
        align="end"
        trigger={<IconButton icon={Ellipsis} size="dense" label={`What can be done about ${member.name}`} />}
      >
        {may('members:write') && !self && (
          <>
            <MenuGroup label="Role">
              {GIVEN.map((one) => (
                <MenuItem
                  key={one}
                  checked={member.role === one}
                  onSelect={() => one !== member.role && role.act(one)}
                >
                  {ROLE_WORDS[one].name}
                </MenuItem>
              ))}
            </MenuGroup>
            <MenuLine />
          </>
        )}
        <MenuItem danger icon={self ? LogOut : UserMinus} onSelect={() => setAsking(true)}>
          {self ? 'Leave the tenant' : 'Remove from the tenant'}
        </MenuItem>
      </Menu>
      <Confirm
        open={asking}
        onClose={() => {
          end.reset();
          setAsking(false);
        }}
        onConfirm={() => end.act()}
        title={self ? `Leave ${tenant.name}?` : `Remove ${member.name}?`}
        action={self ? 'Leave' : 'Remove'}
        busy={end.busy}
        problem={<ProblemNotice problem={end.problem} />}
      >
        <p>
          {self ? 'Your' : 'Their'} keys for this tenant are revoked and stop within five seconds; connected
          apps stop too. What {self ? 'you' : 'they'} made stays with the tenant.
        </p>
      </Confirm>
    </>
  );
}
