import { COOKIE_PREFIX, cookieIn } from './session-cookie.ts';

/** What better-auth says when it refuses: its status and its own code. Null for any other thrown thing. */
export function authRefusal(error: unknown): { readonly status: number; readonly code: string } | null {
  if (!(error instanceof Error) || error.name !== 'APIError') return null;
  const { statusCode, body } = error as Error & { statusCode?: unknown; body?: { code?: unknown } };
  return {
    status: typeof statusCode === 'number' ? statusCode : 500,
    code: typeof body?.code === 'string' ? body.code : '',
  };
}

/** Cookies of ours that a call may see, without their common prefix. */
export type CookieName = 'session' | 'second_factor' | 'forget' | 'passkey' | 'social';

/**
 * The headers that better-auth gets of a request: the cookies that the call is about, and what it writes down of the client. A sign-in, say, must
 * not be read as something that the person does who is signed in already.
 */
export function headersFor(request: Request, names: readonly CookieName[]): Headers {
  const headers = new Headers();
  const cookies = names.flatMap((name) => {
    const value = cookieIn(request.headers, `${COOKIE_PREFIX}${name}`);
    return value === null ? [] : [`${COOKIE_PREFIX}${name}=${value}`];
  });
  if (cookies.length > 0) headers.set('cookie', cookies.join('; '));
  for (const name of ['user-agent', 'origin']) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  return headers;
}

/** The cookies that an answer sets. */
export function cookiesOf(headers: Headers): readonly string[] {
  return headers.getSetCookie();
}

/** The value that cookies set under a name of ours; null when they do not, or take it away. */
export function cookieSet(cookies: readonly string[], name: CookieName): string | null {
  for (const cookie of cookies) {
    const match = /^([^=]+)=([^;]*)/.exec(cookie);
    if (match?.[1] === `${COOKIE_PREFIX}${name}` && match[2] !== undefined && match[2] !== '')
      return match[2];
  }
  return null;
}

/** A cookie that takes another one away. */
export function expiredCookie(name: string): string {
  return `${name}=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax`;
}
