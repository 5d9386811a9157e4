import { PERMISSIONS, type Permission, refusalOf } from '../contracts/permissions.ts';
import type { Principal } from '../contracts/principal.ts';
import { ParallaxError } from '../platform/errors.ts';
import { messageFacts, uriOf } from './message.ts';
import type { Offer } from './offer.ts';

/**
 * Asks an app for the scope of the tool that it calls or the resource that it reads, as an HTTP challenge that names all scopes it needs in one (MCP
 * authorization, "Scope Challenge Handling"): a client can then ask its person for more. Keys have no way to get more and are told in
 * the protocol. Throws `insufficient_scope`.
 */
export function requireScopeOf(body: unknown, principal: Principal, offer: Offer): void {
  if (principal.via !== 'oauth') return;
  const asked = askedOf(body, offer);
  if (asked === undefined || refusalOf(principal, asked.permission) !== 'scope') return;
  const { scope } = PERMISSIONS[asked.permission];
  const wanted = [...new Set([...principal.scopes, ...(scope === null ? [] : [scope])])];
  throw new ParallaxError('insufficient_scope', `${asked.name} needs the scope "${scope}".`, {
    details: { scope: wanted.join(' ') },
  });
}

/** The tool that a message calls, or the resource that it reads, as far as we have it. */
function askedOf(
  body: unknown,
  { tools, resources }: Offer,
): { readonly name: string; readonly permission: Permission } | undefined {
  const { rpc, tool: name } = messageFacts(body);
  if (rpc === 'tools/call') return tools.find((one) => one.name === name);
  const uri = rpc === 'resources/read' ? uriOf(body) : undefined;
  if (uri === undefined) return undefined;
  const kind = resources.find(({ templates }) =>
    templates.some(({ uriTemplate }) => uri.startsWith(uriTemplate.split('{')[0] ?? uriTemplate)),
  );
  return kind === undefined ? undefined : { name: 'This resource', permission: kind.permission };
}
