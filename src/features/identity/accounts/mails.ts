import { layOut, type Mail } from '../../../platform/mail/index.ts';
import { inWords } from './attempt-rules.ts';
import type { Place } from './place.ts';

/** What people are written. Pure. Links carry their token behind `#`, which no server and no log gets to see. */

interface Addressee {
  readonly email: string;
  readonly name: string;
}

interface Link {
  readonly user: Addressee;
  /** Where people reach the deployment, without a trailing slash. */
  readonly origin: string;
  readonly token: string;
}

export function verificationMail({ user, origin, token }: Link): Mail {
  return layOut({
    to: user.email,
    subject: 'Confirm your e-mail address',
    paragraphs: [
      `Hello ${user.name},`,
      'please confirm that this address is yours. The link works for an hour.',
    ],
    action: { label: 'Confirm the address', url: `${origin}/verify-email#token=${token}` },
    footer: 'If you did not sign up, do nothing: without the confirmation the account stays closed.',
  });
}

export function accountExistsMail({ user, origin }: Omit<Link, 'token'>): Mail {
  return layOut({
    to: user.email,
    subject: 'You have an account already',
    paragraphs: [
      `Hello ${user.name},`,
      'somebody, probably you, tried to sign up with this address. There is an account with it already, and nothing has changed. Sign in, or choose a new password if you have forgotten yours.',
    ],
    action: { label: 'Sign in', url: `${origin}/sign-in` },
    footer: 'If it was not you, you need do nothing.',
  });
}

export function resetMail({ user, origin, token }: Link): Mail {
  return layOut({
    to: user.email,
    subject: 'Choose a new password',
    paragraphs: [
      `Hello ${user.name},`,
      'with this link you choose a new password. It works once, for an hour, and ends all sessions.',
    ],
    action: { label: 'Choose a new password', url: `${origin}/reset-password#token=${token}` },
    footer: 'If you did not ask for this, do nothing: your password stays as it is.',
  });
}

export function changeEmailMail({ user, origin, token }: Link): Mail {
  return layOut({
    to: user.email,
    subject: 'Confirm your new e-mail address',
    paragraphs: [
      `Hello ${user.name},`,
      'please confirm that your account’s address is to be this one. The link works for an hour.',
    ],
    action: { label: 'Use this address', url: `${origin}/verify-email#token=${token}` },
    footer: 'If you did not ask for this, do nothing: the account keeps its address.',
  });
}

export function codeMail(user: Addressee, code: string, place: Place): Mail {
  return layOut({
    to: user.email,
    subject: 'Your sign-in code',
    paragraphs: [
      `Hello ${user.name},`,
      `somebody signs in with your password from ${where(place)}, which is new for your account. If it is you, type this code. It works for ten minutes.`,
    ],
    code,
    footer: 'If it is not you, tell nobody the code and change your password: somebody knows it.',
  });
}

export function lockedMail({ user, origin }: Omit<Link, 'token'>, lockedForMs: number, place: Place): Mail {
  return layOut({
    to: user.email,
    subject: 'Your account is locked for a while',
    paragraphs: [
      `Hello ${user.name},`,
      `several passwords or codes were tried for your account that were wrong, the last from ${where(place)}. For ${inWords(lockedForMs)} no more of them are accepted. A passkey works, and so does choosing a new password.`,
    ],
    action: { label: 'Choose a new password', url: `${origin}/forgot-password` },
    footer: 'If it was you, just wait. If it was not, nobody was let in.',
  });
}

/** What changed about an account, told to its person after it has. */
export function changedMail({ user, origin }: Omit<Link, 'token'>, what: string, place: Place): Mail {
  return layOut({
    to: user.email,
    subject: what,
    paragraphs: [`Hello ${user.name},`, `${what}. It was done from ${where(place)}.`],
    action: { label: 'Look at your account', url: `${origin}/settings/security` },
    footer: 'If it was not you, choose a new password at once.',
  });
}

function where({ device, country }: Place): string {
  return country === null ? device : `${device} in ${country}`;
}
