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
