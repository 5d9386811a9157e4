/**
 * Ids: a prefix that says what the thing is, and 26 characters of Crockford base 32 in the layout of a ULID
 * (https://github.com/ulid/spec): 48 bits of milliseconds, then 80 random bits. They sort by creation time as text.
 */
export const ID_PREFIXES = {
  run: 'run',
  tenant: 'ten',
  user: 'usr',
  apiKey: 'key',
  request: 'req',
  call: 'call',
  lease: 'lease',
  invitation: 'inv',
  roleChange: 'rch',
  rule: 'rule',
  panel: 'panel',
  session: 'ses',
  account: 'acc',
  verification: 'ver',
  twoFactor: 'tfa',
  passkey: 'pky',
  securityEvent: 'sev',
  mail: 'mail',
  auditEntry: 'aud',
  providerKey: 'pvk',
  connectedApp: 'app',
  vaultAccess: 'vac',
  vault: 'vlt',
  vaultSecret: 'vsc',
  topUp: 'top',
  budget: 'bud',
  referral: 'ref',
  webhookEndpoint: 'whe',
  webhookDelivery: 'whd',
  event: 'evt',
} as const;

export type IdKind = keyof typeof ID_PREFIXES;

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const RANDOM_CHARACTERS = 16;
const TIME_CHARACTERS = 10;

/** Random bytes drawn ahead: asking for a few at a time costs more than all the rest of an id. */
const POOL_BYTES = 4_096;
let pool: Uint8Array = new Uint8Array();
let drawn = 0;

/** The time's characters of the last id made: ids of one millisecond share them. */
let lastTime = -1;
let lastTimeText = '';

/** Makes an id, e.g. `run_01JD3Z…`. `now` is in milliseconds. */
export function newId(kind: IdKind, now: number = Date.now()): string {
  if (drawn + RANDOM_CHARACTERS > pool.length) {
    pool = crypto.getRandomValues(new Uint8Array(POOL_BYTES));
    drawn = 0;
  }
  let text = `${ID_PREFIXES[kind]}_${timeText(now)}`;
  for (const end = drawn + RANDOM_CHARACTERS; drawn < end; drawn++) text += ALPHABET[(pool[drawn] ?? 0) & 31];
  return text;
}

function timeText(now: number): string {
  if (now === lastTime) return lastTimeText;
  let text = '';
  let time = now;
  for (let i = 0; i < TIME_CHARACTERS; i++) {
    text = ALPHABET.charAt(time % 32) + text;
    time = Math.floor(time / 32);
  }
  lastTime = now;
  lastTimeText = text;
  return text;
}

/** Whether a text has the form of an id of that kind. Says nothing of whether such a thing exists. */
export function isId(kind: IdKind, text: string): boolean {
  const prefix = `${ID_PREFIXES[kind]}_`;
  return text.startsWith(prefix) && /^[0-9A-HJKMNP-TV-Z]{26}$/.test(text.slice(prefix.length));
}

/** When an id was made, in milliseconds. Throws `RangeError` when the text is not an id. */
export function idTime(id: string): number {
  const body = id.slice(id.indexOf('_') + 1);
  let time = 0;
  for (const character of body.slice(0, TIME_CHARACTERS)) {
    const digit = ALPHABET.indexOf(character);
    if (digit < 0) throw new RangeError(`not an id: ${id}`);
    time = time * 32 + digit;
  }
  return time;
}
