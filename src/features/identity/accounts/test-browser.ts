import { exports } from 'cloudflare:workers';
import { OPERATOR_TOKEN } from '../test-support.ts';

export const ORIGIN = 'https://parallax.test';
export const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0';
export const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';

/** What the answers of account routes may hold, together. */
export interface AccountBody {
  readonly status: string;
  readonly code: string;
  readonly detail: string;
  readonly reason: string;
  readonly methods: readonly string[];
  readonly id: string;
  readonly url: string;
  readonly uri: string;
  readonly secret: string;
  readonly backup_codes: readonly string[];
  readonly person: { readonly id: string; readonly email: string };
  readonly tenant: { readonly id: string; readonly name: string; readonly role: string };
  readonly tenants: readonly { readonly id: string }[];
  readonly data: readonly Readonly<Record<string, unknown>>[];
  readonly next_cursor: string | null;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed body; null when there is none. */
  readonly body: AccountBody;
}

interface Ask {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Where the request says it comes from; our own pages unless said otherwise. */
  readonly origin?: string | null;
}

/** A browser that keeps cookies as browsers do, at the Worker's real entry. */
export class Browser {
  readonly cookies = new Map<string, string>();
  readonly userAgent: string;
  readonly country: string | undefined;

  constructor({ userAgent = FIREFOX, country }: { userAgent?: string; country?: string } = {}) {
    this.userAgent = userAgent;
    this.country = country;
  }

  async ask(method: string, path: string, { body, headers, origin = ORIGIN }: Ask = {}): Promise<Answered> {
    const response = await exports.default.fetch(
      new Request(`${ORIGIN}${path}`, {
        method,
        redirect: 'manual',
        headers: {
          'user-agent': this.userAgent,
          ...(origin === null ? {} : { origin }),
          ...(this.cookies.size === 0 ? {} : { cookie: this.cookieHeader() }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(this.country === undefined ? {} : { cf: { country: this.country } }),
      } as RequestInit),
    );
    for (const cookie of response.headers.getSetCookie()) this.keep(cookie);
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? null : JSON.parse(text),
    } as Answered;
  }

  get(path: string): Promise<Answered> {
    return this.ask('GET', path);
  }

  post(path: string, body: unknown = {}): Promise<Answered> {
    return this.ask('POST', path, { body });
  }

  cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  private keep(cookie: string): void {
    const match = /^([^=]+)=([^;]*)/.exec(cookie);
    if (match?.[1] === undefined) return;
    if (match[2] === '' || /max-age=0/i.test(cookie)) this.cookies.delete(match[1]);
    else this.cookies.set(match[1], match[2] ?? '');
  }
}

let count = 0;

export function newAddress(): string {
  count += 1;
  return `person-${count}-${crypto.randomUUID()}@example.com`;
}

export const PASSWORD = 'correct horse battery';

interface MailBody {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Mails to an address, newest first. */
export async function mailsTo(address: string): Promise<MailBody[]> {
  const response = await exports.default.fetch(
    `${ORIGIN}/dev/mailbox/mails?to=${encodeURIComponent(address)}`,
  );
  return (await response.json<{ data: MailBody[] }>()).data;
}

/** The newest mail with that subject, which is sent after the answer to what made it. */
export async function mailTo(address: string, subject: RegExp, count = 1): Promise<MailBody> {
  for (let look = 0; look < 1_200; look++) {
    const mails = (await mailsTo(address)).filter((mail) => subject.test(mail.subject));
    const [newest] = mails;
    if (newest !== undefined && mails.length >= count) return newest;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`no mail like ${subject} came to ${address}`);
}

export function tokenIn(mail: MailBody): string {
  const token = /#token=(\S+)/.exec(mail.text)?.[1];
  if (token === undefined) throw new Error(`no link in: ${mail.text}`);
  return token;
}

export function codeIn(mail: MailBody): string {
  const code = /^(\d{8})$/m.exec(mail.text)?.[1];
  if (code === undefined) throw new Error(`no code in: ${mail.text}`);
  return code;
}

export interface SignedUp {
  readonly browser: Browser;
  readonly email: string;
}

/** Somebody with a confirmed account who is not signed in. */
export async function signedUp(browser = new Browser(), email = newAddress()): Promise<SignedUp> {
  const answer = await browser.post('/auth/sign-up', { name: 'Ada', email, password: PASSWORD });
  if (answer.status !== 202) throw new Error(`sign-up: ${JSON.stringify(answer.body)}`);
  const token = tokenIn(await mailTo(email, /Confirm your e-mail/));
  const verified = await browser.post('/auth/verify-email', { token });
  if (verified.status !== 200) throw new Error(`verify: ${JSON.stringify(verified.body)}`);
  return { browser, email };
}

/** Somebody who is signed in. */
export async function signedIn(browser = new Browser(), email = newAddress()): Promise<SignedUp> {
  const person = await signedUp(browser, email);
  const answer = await browser.post('/auth/sign-in', { email: person.email, password: PASSWORD });
  if (answer.body.status !== 'signed_in') throw new Error(`sign-in: ${JSON.stringify(answer.body)}`);
  return person;
}

export const operatorHeaders = { authorization: `Bearer ${OPERATOR_TOKEN}` };
