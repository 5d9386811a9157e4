import { exports } from 'cloudflare:workers';
import type { Role } from '../../contracts/principal.ts';
import { type AccountBody, Browser, mailTo, ORIGIN, signedIn, tokenIn } from './accounts/test-browser.ts';
import { OPERATOR_TOKEN } from './test-support.ts';

/** Somebody at a browser, and who they are. */
export interface Somebody {
  readonly browser: Browser;
  readonly email: string;
  readonly userId: string;
}

export async function somebody(browser = new Browser()): Promise<Somebody> {
  const { email } = await signedIn(browser);
  const { body } = await browser.get('/v1/session');
  return { browser, email, userId: body.person.id };
}

/** Lets somebody's browser act for a tenant. */
export async function actFor({ browser }: Somebody, tenantId: string): Promise<void> {
  const { status, body } = await browser.post('/v1/session/tenant', { tenant_id: tenantId });
  if (status !== 200) throw new Error(`switch: ${JSON.stringify(body)}`);
}

/** A tenant that somebody made, for which their browser acts. */
export async function tenantOf(owner: Somebody, name = 'Acme'): Promise<string> {
  const { status, body } = await owner.browser.post('/v1/tenants', { name });
  if (status !== 201) throw new Error(`tenant: ${JSON.stringify(body)}`);
  await actFor(owner, body.id);
  return body.id;
}

/** Invites somebody, and gives the token of the mail. */
export async function invited(by: Somebody, email: string, role: Role = 'member'): Promise<string> {
  const { status, body } = await by.browser.post('/v1/invitations', { email, role });
  if (status !== 201) throw new Error(`invitation: ${JSON.stringify(body)}`);
  return tokenIn(await mailTo(email, /invites you to/));
}

/** Somebody new in a tenant, whose browser acts for it. */
export async function memberOf(owner: Somebody, tenantId: string, role: Role = 'member'): Promise<Somebody> {
  const person = await somebody();
  const token = await invited(owner, person.email, role);
  const { status, body } = await person.browser.post('/v1/invitations/accept', { token });
  if (status !== 200) throw new Error(`accept: ${JSON.stringify(body)}`);
  await actFor(person, tenantId);
  return person;
}

/** A key of somebody's for the tenant that their browser acts for. */
export async function keyOf(
  { browser }: Somebody,
  body: object = { name: 'Key' },
): Promise<{ id: string; key: string }> {
  const answer = await browser.post('/v1/api-keys', body);
  if (answer.status !== 201) throw new Error(`key: ${JSON.stringify(answer.body)}`);
  return answer.body as AccountBody & { key: string };
}

/** What a key is answered at `/v1/me`: `200`, or the status with the reason. */
export async function meWith(key: string): Promise<string> {
  const response = await exports.default.fetch(`${ORIGIN}/v1/me`, {
    headers: { authorization: `Bearer ${key}` },
  });
  const body = await response.json<{ reason?: string }>();
  return response.ok ? '200' : `${response.status} ${body.reason}`;
}

export { OPERATOR_TOKEN };
