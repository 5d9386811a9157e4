/** What stands in the URLs of the pages, read with care: anybody can write a URL. Pure. */

export type Raw = Readonly<Record<string, unknown>>;

export function text(raw: Raw, name: string, most = 200): string | undefined {
  const value = raw[name];
  const string = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
  return typeof string === 'string' && string !== '' && string.length <= most ? string : undefined;
}

export function oneOf<Value extends string>(
  raw: Raw,
  name: string,
  values: readonly Value[],
): Value | undefined {
  return values.find((value) => value === raw[name]);
}

export interface DoorSearch {
  readonly return_to?: string | undefined;
  readonly email?: string | undefined;
  readonly error?: string | undefined;
  /** What another service’s word is not enough for: the ways to prove more, and why. */
  readonly second_factor?: string | undefined;
  readonly reason?: string | undefined;
  /** The code of who sent somebody here. */
  readonly ref?: string | undefined;
}
export function doorSearch(raw: Raw): DoorSearch {
  return {
    return_to: text(raw, 'return_to', 2_000),
    email: text(raw, 'email'),
    error: text(raw, 'error', 60),
    second_factor: text(raw, 'second_factor', 60),
    reason: text(raw, 'reason', 20),
    ref: referralCode(raw),
  };
}

/** A code as it can be; what is none is left out, so that a link that was cut short still leads to the page. */
function referralCode(raw: Raw): string | undefined {
  const code = text(raw, 'ref', 20)?.trim().toUpperCase();
  return code !== undefined && /^[2-9A-HJKMNP-Z]{10}$/.test(code) ? code : undefined;
}

export interface ConsentSearch {
  readonly request?: string | undefined;
}
export function consentSearch(raw: Raw): ConsentSearch {
  return { request: text(raw, 'request', 500) };
}

export interface BillingSearch {
  /** How a person came back from Stripe's page. */
  readonly checkout?: 'done' | 'cancelled' | undefined;
  /** The code of who sent somebody here. */
  readonly ref?: string | undefined;
}
export function billingSearch(raw: Raw): BillingSearch {
  return {
    checkout: raw.checkout === 'done' || raw.checkout === 'cancelled' ? raw.checkout : undefined,
    ref: referralCode(raw),
  };
}

export interface ListSearch {
  readonly q?: string | undefined;
  readonly sort?: string | undefined;
}
export function listSearch(raw: Raw): ListSearch {
  return { q: text(raw, 'q'), sort: text(raw, 'sort', 40) };
}

export interface KeysSearch extends ListSearch {
  /** `live` unless said otherwise. */
  readonly show?: 'all' | undefined;
  /** The key whose details are open. */
  readonly key?: string | undefined;
  readonly create?: true | undefined;
}
export function keysSearch(raw: Raw): KeysSearch {
  return {
    ...listSearch(raw),
    show: raw.show === 'all' ? 'all' : undefined,
    key: text(raw, 'key', 60),
    create: raw.create === true || raw.create === 'true' ? true : undefined,
  };
}

export interface BudgetsSearch extends ListSearch {
  /** The budget whose details are open. */
  readonly budget?: string | undefined;
  readonly create?: true | undefined;
}
export function budgetsSearch(raw: Raw): BudgetsSearch {
  return {
    ...listSearch(raw),
    budget: text(raw, 'budget', 60),
    create: raw.create === true || raw.create === 'true' ? true : undefined,
  };
}

export interface AuditSearch {
  readonly action?: string | undefined;
  readonly user?: string | undefined;
  readonly actor?: string | undefined;
  readonly target?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly risk?: string | undefined;
  readonly entry?: string | undefined;
}
export function auditSearch(raw: Raw): AuditSearch {
  return {
    action: text(raw, 'action', 120),
    user: text(raw, 'user', 120),
    actor: text(raw, 'actor', 120),
    target: text(raw, 'target', 120),
    from: day(raw, 'from'),
    to: day(raw, 'to'),
    risk: /^\d{1,2}$|^100$/.test(text(raw, 'risk', 3) ?? '') ? text(raw, 'risk', 3) : undefined,
    entry: text(raw, 'entry', 60),
  };
}

export function day(raw: Raw, name: string): string | undefined {
  const value = text(raw, name, 10);
  return value !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value))
    ? value
    : undefined;
}

export interface MailboxSearch {
  readonly to?: string | undefined;
}
export function mailboxSearch(raw: Raw): MailboxSearch {
  return { to: text(raw, 'to', 254) };
}
