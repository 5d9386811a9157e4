import { layOut, type Mail } from '../../platform/mail/index.ts';

/** The mail that invites somebody to a tenant. Pure. The token stands behind `#`, which no server and no log gets to see. */
export function invitationMail({
  to,
  tenantName,
  role,
  invitedBy,
  origin,
  token,
}: {
  readonly to: string;
  readonly tenantName: string;
  readonly role: string;
  readonly invitedBy: string;
  /** Where people reach the deployment, without a trailing slash. */
  readonly origin: string;
  readonly token: string;
}): Mail {
  return layOut({
    to,
    subject: `${invitedBy} invites you to ${tenantName}`,
    paragraphs: [
      'Hello,',
      `${invitedBy} invites you to join “${tenantName}” on Parallax as ${role === 'admin' ? 'an' : 'a'} ${role}. The link works once, for a week, for this address.`,
    ],
    action: { label: 'Look at the invitation', url: `${origin}/invitation#token=${token}` },
    footer: 'If you do not know who this is, do nothing: without your answer nothing happens.',
  });
}
