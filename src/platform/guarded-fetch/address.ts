import type { Config } from '../config.ts';
/**
 * Which addresses a person may have us call. Parallax resolves no names: what a name means is the platform's business, which keeps fetches of Workers on the public
 * network (`global_fetch_strictly_public`). Refused here is all that can be told from the address itself.
 */

export interface AddressPolicy {
  /** Plain HTTP and this machine's own addresses: for development, where a person's models run beside the server. */
  readonly allowLocal: boolean;
}

/** The policy of a deployment: this machine may send to itself in development; nobody else may send there. */
export function addressPolicyOf({ environment }: Pick<Config, 'environment'>): AddressPolicy {
  return { allowLocal: environment !== 'production' };
}

export type AddressRefusal =
  | 'malformed'
  | 'scheme'
  | 'credentials'
  | 'port'
  | 'private_address'
  | 'private_name';

/** Names that stand for a place inside a network, whatever is before them (RFC 6761, RFC 6762, RFC 8375, ICANN's `.internal`). */
const PRIVATE_SUFFIXES = [
  'localhost',
  'local',
  'localdomain',
  'internal',
  'intranet',
  'private',
  'corp',
  'home',
  'lan',
  'home.arpa',
  'test',
  'example',
  'invalid',
  'onion',
  // Public names that resolve to whatever address stands in them, or to loopback.
  'nip.io',
  'sslip.io',
  'xip.io',
  'traefik.me',
  'localtest.me',
  'lvh.me',
  'vcap.me',
  'lacolhost.com',
  'nip.name',
  'backname.io',
  '1u.ms',
  'rbndr.us',
  'local.gd',
  'localho.st',
  'localhost.direct',
  'lndo.site',
  'ddev.site',
  'fuf.me',
  'yoogle.com',
] as const;

/** Ports that are used for other protocols than HTTP, besides the well-known ones below 1024. */
const REFUSED_PORTS = new Set([
  1433, 2049, 2375, 2376, 2379, 3306, 5432, 5672, 6379, 6443, 9200, 10250, 11211, 27017,
]);

/** Special-purpose IPv4 blocks (IANA registry, RFC 6890): first address and length of the prefix. */
const REFUSED_IPV4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

/**
 * Why an address may not be called; null when it may. `URL` brings every notation of an address into one form first: `0x7f.1`, `2130706433` and `127.1` are
 * all `127.0.0.1` (WHATWG URL, "host parser"). Pure.
 */
export function refusedAddress(text: string, { allowLocal }: AddressPolicy): AddressRefusal | null {
  const url = URL.parse(text);
  if (url === null) return 'malformed';
  if (url.username !== '' || url.password !== '') return 'credentials';
  const host = url.hostname.replace(/\.+$/, '').toLowerCase();
  const local = isLoopback(host);
  if (url.protocol !== 'https:' && !(allowLocal && local && url.protocol === 'http:')) return 'scheme';
  if (allowLocal && local) return null;
  if (
    url.port !== '' &&
    (Number(url.port) < 1024 ? Number(url.port) !== 80 : REFUSED_PORTS.has(Number(url.port)))
  )
    return 'port';
  const ip = ipv4Of(host) ?? embeddedIpv4(host);
  if (ip === 'refused' || (typeof ip === 'number' && isRefusedIpv4(ip))) return 'private_address';
  if (host.startsWith('[') || typeof ip === 'number') return null;
  if (!host.includes('.')) return 'private_name';
  return PRIVATE_SUFFIXES.some((suffix) => host === suffix || host.endsWith(`.${suffix}`))
    ? 'private_name'
    : null;
}

/** Whether an address is this machine's own: its loopback. Pure. */
export function isLocalAddress(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && isLoopback(url.hostname.replace(/\.+$/, '').toLowerCase());
}

function isLoopback(host: string): boolean {
  const ip = ipv4Of(host);
  return host === 'localhost' || host === '[::1]' || (typeof ip === 'number' && ip >>> 24 === 127);
}

/** A dotted quad as a number; null when the host is none. */
function ipv4Of(host: string): number | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(host);
  if (match === null) return null;
  const [a = 0, b = 0, c = 0, d = 0] = match.slice(1).map(Number);
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}

function isRefusedIpv4(ip: number): boolean {
  return REFUSED_IPV4.some(([first, length]) => {
    const shift = 32 - length;
    return ip >>> shift === (ipv4Of(first) ?? 0) >>> shift;
  });
}

/**
 * The IPv4 address that an IPv6 host carries (mapped, translated, 6to4), `refused` for IPv6 that is not global unicast, null where there is none to look
 * at. Only 2000::/3 is given to public networks (IANA IPv6 address space).
 */
function embeddedIpv4(host: string): number | 'refused' | null {
  if (!host.startsWith('[')) return null;
  const groups = groupsOf(host.slice(1, -1));
  if (groups === null) return 'refused';
  const [a = 0, b = 0, c = 0] = groups;
  const last = (((groups[6] ?? 0) << 16) | (groups[7] ?? 0)) >>> 0;
  const zeros = (from: number, to: number) => groups.slice(from, to).every((group) => group === 0);
  // NAT64 (RFC 6052): the address behind it counts.
  if (a === 0x64 && b === 0xff9b && zeros(2, 6)) return last;
  // 6to4 (RFC 3056).
  if (a === 0x2002) return ((b << 16) | c) >>> 0;
  if (a >>> 13 !== 1) return 'refused';
  // Teredo, ORCHIDv2, documentation (RFC 4380, 7343, 3849, 9637).
  if (a === 0x2001 && (b === 0 || b >>> 4 === 2 || b === 0xdb8)) return 'refused';
  return a === 0x3fff && b >>> 12 === 0 ? 'refused' : null;
}

/** The eight groups of an IPv6 address as `URL` writes it. */
function groupsOf(text: string): number[] | null {
  const [head = '', tail, more] = text.split('::');
  if (more !== undefined) return null;
  const read = (part: string) =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const first = read(head);
  const last = tail === undefined ? [] : read(tail);
  const missing = 8 - first.length - last.length;
  if (missing < 0 || (tail === undefined && missing !== 0)) return null;
  const groups = [...first, ...Array<number>(missing).fill(0), ...last];
  return groups.some(Number.isNaN) ? null : groups;
}

const SENTENCES: Readonly<Record<AddressRefusal, string>> = {
  malformed: 'It is not an address.',
  scheme: 'Only https addresses are called.',
  credentials: 'An address must not hold a name or password.',
  port: 'That port is not one that web servers use.',
  private_address: 'That address is not on the public network.',
  private_name: 'That name is not on the public network.',
};

/** The refusal as a sentence for the person who gave the address. */
export function refusalSentence(refusal: AddressRefusal): string {
  return SENTENCES[refusal];
}
