import { importPKCS8, SignJWT } from 'jose';
import { z } from 'zod';
import type { Clock } from '../../platform/clock.ts';
import { sha256Hex } from '../../platform/crypto.ts';

/** The members of a Google service account's key file that a token exchange needs. */
const serviceAccountSchema = z.object({
  client_email: z.string().min(1),
  private_key: z.string().min(1),
  private_key_id: z.string().optional(),
  token_uri: z.url({ protocol: /^https?$/ }).default('https://oauth2.googleapis.com/token'),
});

const tokenSchema = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive().default(3600),
});

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
/** Google refuses assertions that live longer than an hour ("Using OAuth 2.0 for Server to Server Applications"). */
const ASSERTION_SECONDS = 3600;
/** A token is replaced this long before it ends, so that none ends on the way. */
const REFRESH_BEFORE_MS = 5 * 60_000;
const MAX_TOKENS = 64;

/** The key file cannot be used, or Google gave no token for it. The message holds nothing of the key. */
export class GoogleTokenError extends Error {
  override readonly name = 'GoogleTokenError';
  /** The token server's status; undefined when it was not asked or not reached. */
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

/** Access tokens of service accounts, kept until shortly before they end, at most `maxTokens` of them. */
export interface GoogleTokens {
  /** A token for this key file (JSON text). Throws `GoogleTokenError`. */
  token(serviceAccountJson: string, signal: AbortSignal): Promise<string>;
}

/**
 * Only finished tokens are kept, not promises of them: in a Worker, one request must not wait on another's I/O. Two requests
 * that come together may so both fetch one, which is harmless.
 */
export function createGoogleTokens(clock: Clock, maxTokens: number = MAX_TOKENS): GoogleTokens {
  const kept = new Map<string, { readonly token: string; readonly until: number }>();
  return {
    async token(serviceAccountJson, signal) {
      const id = await sha256Hex(serviceAccountJson);
      const known = kept.get(id);
      if (known !== undefined && clock.now() < known.until) return known.token;
      kept.delete(id);
      const { access_token, expires_in } = await exchange(serviceAccountJson, clock, signal);
      const oldest = kept.keys().next();
      if (kept.size >= maxTokens && !oldest.done) kept.delete(oldest.value);
      kept.set(id, { token: access_token, until: clock.now() + expires_in * 1000 - REFRESH_BEFORE_MS });
      return access_token;
    },
  };
}

/** RFC 7523, section 2.1: an assertion signed with the account's key is exchanged for an access token. */
async function exchange(
  serviceAccountJson: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<z.infer<typeof tokenSchema>> {
  const account = readAccount(serviceAccountJson);
  const assertion = await signAssertion(account, clock);
  const response = await fetch(account.token_uri, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams({ grant_type: GRANT, assertion }).toString(),
    redirect: 'manual',
    signal,
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new GoogleTokenError(
      `Google gave no access token for the service account (status ${response.status}).`,
      response.status,
    );
  }
  const parsed = tokenSchema.safeParse(await response.json().catch(() => undefined));
  if (!parsed.success) throw new GoogleTokenError('Google’s token answer cannot be read.', response.status);
  return parsed.data;
}

function readAccount(text: string): z.infer<typeof serviceAccountSchema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message would quote the key file.
    throw new GoogleTokenError('GOOGLE_SERVICE_ACCOUNT_JSON is not JSON: it takes the whole key file.');
  }
  const parsed = serviceAccountSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new GoogleTokenError(
    'GOOGLE_SERVICE_ACCOUNT_JSON is not a service account’s key file (client_email, private_key).',
  );
}

async function signAssertion(account: z.infer<typeof serviceAccountSchema>, clock: Clock): Promise<string> {
  const issuedAt = Math.floor(clock.now() / 1000);
  try {
    const key = await importPKCS8(account.private_key, 'RS256');
    return await new SignJWT({ scope: SCOPE })
      .setProtectedHeader({
        alg: 'RS256',
        typ: 'JWT',
        ...(account.private_key_id === undefined ? {} : { kid: account.private_key_id }),
      })
      .setIssuer(account.client_email)
      .setAudience(account.token_uri)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + ASSERTION_SECONDS)
      .sign(key);
  } catch {
    // What a key parser says of a broken key may quote it.
    throw new GoogleTokenError('The private key in GOOGLE_SERVICE_ACCOUNT_JSON cannot be used.');
  }
}
