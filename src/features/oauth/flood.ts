import type { AppContext } from '../../platform/http/context.ts';

/**
 * Bounds what one address may ask of the authorization server in a minute, where the platform says the address: what anybody may do without a credential.
 * `what` is counted by itself. Null when it is within bounds.
 */
export async function tooMany(c: AppContext, what: string): Promise<Response | null> {
  const ip = c.req.raw.headers.get('cf-connecting-ip');
  if (ip === null || c.var.config.environment === 'dev') return null;
  const { success } = await c.env.AUTH_RATE.limit({ key: `oauth ${what} ${ip}` });
  if (success) return null;
  return Response.json(
    { error: 'temporarily_unavailable', error_description: 'Too many requests came from your address.' },
    { status: 429, headers: { 'retry-after': '60', 'cache-control': 'no-store' } },
  );
}
