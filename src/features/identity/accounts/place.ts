import { sha256Hex } from '../../../platform/crypto.ts';

/** Where a request comes from, as far as it tells. */
export interface Place {
  /** Hash of what the browser says of itself, without versions: the same browser stays the same over its updates. */
  readonly fingerprint: string;
  /** For people: "Firefox on Linux". */
  readonly device: string;
  /** ISO 3166-1 alpha-2, from the edge; null where it does not know. */
  readonly country: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
}

/** The more telling name first: Edge and Opera call themselves Chrome too, and Chrome calls itself Safari. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Headless)?Chrom(?:e|ium)\/|\bCriOS\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
  [/\bcurl\//, 'curl'],
  [/^(?:node|undici)/i, 'Node.js'],
];

const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b|\biPad\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
];

/** Browser and system of a User-Agent. Pure. */
export function deviceOf(userAgent: string | null): string {
  const text = userAgent ?? '';
  const browser = BROWSERS.find(([pattern]) => pattern.test(text))?.[1];
  const system = SYSTEMS.find(([pattern]) => pattern.test(text))?.[1];
  if (browser === undefined && system === undefined) return 'Unknown device';
  return system === undefined ? `${browser}` : `${browser ?? 'Unknown browser'} on ${system}`;
}

/** Longest User-Agent that is kept. */
const MAX_USER_AGENT = 300;

/** Where a request comes from. The address and the country are the edge's word, not the client's. */
export async function placeOf(request: Request): Promise<Place> {
  const userAgent = request.headers.get('user-agent')?.slice(0, MAX_USER_AGENT) ?? null;
  const device = deviceOf(userAgent);
  const language = request.headers.get('accept-language')?.split(/[,;]/)[0]?.trim().toLowerCase() ?? '';
  const country = request.cf?.country;
  return {
    fingerprint: (await sha256Hex(`${device}\n${language}`)).slice(0, 32),
    device,
    country: typeof country === 'string' && /^[A-Z0-9]{2}$/.test(country) ? country : null,
    ip: request.headers.get('cf-connecting-ip'),
    userAgent,
  };
}

/** What requests are counted by: an IPv4 address, or the 64 bits of an IPv6 one that a provider hands to one customer (RFC 6177). Pure. */
export function addressKey(ip: string): string {
  if (!ip.includes(':')) return ip;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail] = ip.toLowerCase().split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array.from({ length: zeros }, () => '0'), ...after];
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
