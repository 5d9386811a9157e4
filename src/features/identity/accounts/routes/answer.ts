/** An answer that sets cookies. None of these answers may be kept by anything on its way. */
export function answerWith(
  body: object | null,
  cookies: readonly string[] = [],
  status: 200 | 201 | 202 | 204 = body === null ? 204 : 200,
): Response {
  const headers = new Headers({ 'cache-control': 'no-store' });
  for (const cookie of cookies) headers.append('set-cookie', cookie);
  if (body === null) return new Response(null, { status: 204, headers });
  headers.set('content-type', 'application/json');
  return new Response(JSON.stringify(body), { status, headers });
}

/** The answer to whoever gives an address: the same whether there is an account with it or not. */
export function accepted(message: string): Response {
  return answerWith({ object: 'accepted', message }, [], 202);
}

/** Why the doors are open to strangers. */
export const DOOR = {
  kind: 'public',
  why: 'somebody who is not signed in yet; from our own pages, and bounded by address and account',
} as const;

export const TAG = 'Accounts';
