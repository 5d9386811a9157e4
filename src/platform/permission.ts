import { PERMISSIONS, type Permission, type PermissionRule, type Refusal } from '../contracts/permissions.ts';
import type { Principal } from '../contracts/principal.ts';
import { ParallaxError } from './errors.ts';

/**
 * The error of a principal who may not do something: `insufficient_scope` where another credential would do, `forbidden` where the person has
 * another role. `what` names what was asked, for tools; routes are known from the request.
 */
export function refused(
  refusal: Refusal,
  permission: Permission,
  principal: Pick<Principal, 'role'>,
  what = 'This',
): ParallaxError {
  const { scope, roles, via }: PermissionRule = PERMISSIONS[permission];
  switch (refusal) {
    case 'scope':
      return new ParallaxError(
        'insufficient_scope',
        `${what} needs the scope "${scope}", which the credential does not have. Use one that has it (POST /v1/api-keys makes one).`,
        { details: { scope } },
      );
    case 'credential': {
      const ways = via.map((way) => WAYS[way]).join(' or ');
      return new ParallaxError('insufficient_scope', `${what} can be done with ${ways} only.`);
    }
    case 'role':
      return new ParallaxError(
        'forbidden',
        `${what} needs the role ${roles.join(' or ')} in the tenant; yours is ${principal.role}. Ask an owner or an admin.`,
        { details: { roles } },
      );
  }
}

const WAYS: Readonly<Record<Principal['via'], string>> = {
  key: 'an API key',
  session: 'a signed-in browser',
  oauth: 'a connected app',
};
