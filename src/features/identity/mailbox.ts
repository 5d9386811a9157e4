/** Services that leave out dots in what stands before the `@`, by the names they are written with. */
const DOTLESS: Readonly<Record<string, string>> = { 'gmail.com': 'gmail.com', 'googlemail.com': 'gmail.com' };

/**
 * The mailbox that an address leads to, as far as one can tell from how it is written: without what follows a `+`, without a final dot of the domain, in lower
 * case, and for Gmail without dots and under one name. Two addresses with the same mailbox are one person's; no mail is ever sent to what this gives. Pure.
 */
export function mailboxOf(email: string): string {
  const address = email.trim().toLowerCase();
  const at = address.lastIndexOf('@');
  if (at <= 0) return address;
  const domain = address.slice(at + 1).replace(/\.$/, '');
  const [name = ''] = address.slice(0, at).split('+');
  // "+tag@…" has nothing before the sign: that is its name.
  const local = name === '' ? address.slice(0, at) : name;
  const dotless = DOTLESS[domain];
  return dotless === undefined ? `${local}@${domain}` : `${local.replaceAll('.', '')}@${dotless}`;
}
