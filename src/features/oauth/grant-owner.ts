/** Whose a grant is: a person's, in one tenant. The library knows its grants by this; codes and tokens begin with it. */
export interface GrantOwner {
  readonly tenantId: string;
  readonly userId: string;
}

/** The name under which the library keeps an owner's grants. */
export function grantOwner({ tenantId, userId }: GrantOwner): string {
  return `${tenantId}.${userId}`;
}

/** What a code or token says of itself, unproven: whose it is and what grant it belongs to. Null when it has not their form. */
export function claimsOf(text: string): (GrantOwner & { readonly grantId: string }) | null {
  const match = /^([\w-]{1,60})\.([\w-]{1,60}):([\w-]{1,60}):[\w-]{1,200}$/.exec(text);
  const [, tenantId, userId, grantId] = match ?? [];
  if (tenantId === undefined || userId === undefined || grantId === undefined) return null;
  return { tenantId, userId, grantId };
}
