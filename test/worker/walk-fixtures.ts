import { env } from 'cloudflare:test';
import type { Role } from '../../src/contracts/principal.ts';
import {
  keyOf,
  memberOf,
  type Somebody,
  somebody,
  tenantOf,
} from '../../src/features/identity/people-and-tenants.fixture.ts';
import { connectedApps } from '../../src/features/oauth/index.ts';
import { tenantDb } from '../../src/platform/db.ts';
import { newId } from '../../src/platform/ids.ts';
import { Client } from './client.ts';

/** A tenant with somebody in every role, their keys, and one of everything that a tenant can have. */
export interface World {
  readonly tenantId: string;
  /** Stands in everything that the tenant wrote: whoever reads it elsewhere has read what is not theirs. */
  readonly marker: string;
  readonly people: Readonly<Record<Role, Somebody>>;
  readonly keys: Readonly<Record<Role, Client>>;
  /** The tenant's objects, by what they are. */
  readonly ids: Readonly<Record<ObjectKind, string>>;
}

const KINDS = [
  'tenant',
  'key',
  'member',
  'invitation',
  'run',
  'rule',
  'panel',
  'providerKey',
  'budget',
  'webhookEndpoint',
  'vault',
  'vaultSecret',
  'app',
] as const;
export type ObjectKind = (typeof KINDS)[number];

export async function world(name: string): Promise<World> {
  const marker = `marker${crypto.randomUUID().replaceAll('-', '')}`;
  const owner = await somebody();
  const tenantId = await tenantOf(owner, `${name} ${marker}`);
  const [admin, member, viewer] = [
    await memberOf(owner, tenantId, 'admin'),
    await memberOf(owner, tenantId, 'member'),
    await memberOf(owner, tenantId, 'member'),
  ];
  const people = { owner, admin, member, viewer };
  const clientOf = async (person: Somebody) =>
    new Client((await keyOf(person, { name: marker })).key, tenantId);
  const keys = {
    owner: await clientOf(owner),
    admin: await clientOf(admin),
    member: await clientOf(member),
    viewer: await clientOf(viewer),
  };
  // Viewers make no keys: this one's was made before.
  const demoted = await owner.browser.ask('PATCH', `/v1/members/${viewer.userId}`, {
    body: { role: 'viewer' },
  });
  if (demoted.status !== 200) throw new Error(JSON.stringify(demoted.body));
  const made = async (path: string, body: object) => {
    const response = await keys.owner.fetch(path, { body });
    if (response.status >= 300) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json<{ id: string }>()).id;
  };
  const invitation = await owner.browser.post('/v1/invitations', { email: `${marker}@example.com` });
  const vault = await made('/v1/vaults', { name: marker });
  const ids = {
    tenant: tenantId,
    member: member.userId,
    invitation: invitation.body.id,
    key: await made('/v1/api-keys', { name: marker }),
    run: await made('/v1/perspectives', { prompt: `Hello ${marker}`, models: ['local/swift'] }),
    rule: await made('/v1/routing/rules', {
      name: marker,
      conditions: { tasks: ['coding'] },
      target: { model: 'local/sage' },
    }),
    panel: await made('/v1/routing/panels', {
      name: marker.slice(0, 30),
      models: ['local/swift'],
      strategy: 'consensus',
    }),
    providerKey: await made('/v1/provider-keys', {
      provider: 'openai',
      key: `sk-${marker}`,
      name: marker,
      validate: false,
    }),
    budget: await made('/v1/budgets', { name: marker, limit_usd: 1000, hard: false }),
    webhookEndpoint: await made('/v1/webhook-endpoints', {
      name: marker,
      url: 'https://example.com/hook',
    }),
    vault,
    vaultSecret: await made(`/v1/vaults/${vault}/secrets`, { name: marker, value: `whsec-${marker}` }),
    app: await connectedApp(tenantId, owner.userId, marker),
  };
  return { tenantId, marker, people, keys, ids };
}

/** An app that somebody connected, as the row that makes its tokens count. */
async function connectedApp(tenantId: string, userId: string, marker: string): Promise<string> {
  const id = newId('connectedApp');
  await tenantDb(env.DB, { tenantId }).insert(connectedApps, [
    {
      id,
      userId,
      clientId: marker,
      clientName: marker,
      clientHost: null,
      redirectUri: 'https://app.example.com/callback',
      redirectHost: 'app.example.com',
      scopes: ['models'],
      createdAt: Date.now(),
      connectedAt: Date.now(),
      seenAt: Date.now(),
    },
  ]);
  return id;
}

/** Ids that nothing has. */
const NOBODY: Readonly<Record<ObjectKind, string>> = {
  tenant: newId('tenant'),
  key: newId('apiKey'),
  member: newId('user'),
  invitation: newId('invitation'),
  run: newId('run'),
  rule: newId('rule'),
  panel: newId('panel'),
  providerKey: newId('providerKey'),
  budget: newId('budget'),
  webhookEndpoint: newId('webhookEndpoint'),
  vault: newId('vault'),
  vaultSecret: newId('vaultSecret'),
  app: newId('connectedApp'),
};

/** How an operation with an object in its path is asked. */
export interface Fixture {
  readonly object: ObjectKind;
  /** What stands in the path besides, by the name it has there. */
  readonly within?: Readonly<Record<string, ObjectKind>>;
  /** A body that is accepted. */
  readonly body?: object;
}

const RULE = { name: 'Rule', conditions: { tasks: ['coding'] }, target: { model: 'local/sage' } };
const SECRET = { object: 'vaultSecret', within: { id: 'vault' } } as const;
const PANEL = { name: 'panel', models: ['local/swift'], strategy: 'consensus' };

/**
 * Every operation of a tenant with something in its path, by its id. What is missing here makes the walk fail: whoever adds a route says which object it
 * takes, and the walk tries it with another tenant's.
 */
export const FIXTURES: Readonly<Record<string, Fixture>> = {
  getTenant: { object: 'tenant' },
  updateTenant: { object: 'tenant', body: { name: 'Mine now' } },
  deleteTenant: { object: 'tenant', body: { name: 'Acme' } },
  transferTenant: { object: 'tenant', body: { user_id: NOBODY.member } },
  changeMemberRole: { object: 'member', body: { role: 'viewer' } },
  removeMember: { object: 'member' },
  revokeInvitation: { object: 'invitation' },
  updateApiKey: { object: 'key', body: { name: 'Mine now' } },
  rotateApiKey: { object: 'key', body: {} },
  revokeApiKey: { object: 'key' },
  getRun: { object: 'run' },
  runEvents: { object: 'run' },
  mergeRun: { object: 'run', body: { strategy: 'synthesize' } },
  cancelRun: { object: 'run' },
  getRoutingRule: { object: 'rule' },
  replaceRoutingRule: { object: 'rule', body: RULE },
  deleteRoutingRule: { object: 'rule' },
  getPanel: { object: 'panel' },
  replacePanel: { object: 'panel', body: PANEL },
  deletePanel: { object: 'panel' },
  getProviderKey: { object: 'providerKey' },
  updateProviderKey: { object: 'providerKey', body: { name: 'Mine now' } },
  rotateProviderKey: { object: 'providerKey', body: { key: 'sk-not-theirs-any-more' } },
  validateProviderKey: { object: 'providerKey' },
  deleteProviderKey: { object: 'providerKey' },
  getBudget: { object: 'budget' },
  updateBudget: { object: 'budget', body: { name: 'Mine now' } },
  deleteBudget: { object: 'budget' },
  getWebhookEndpoint: { object: 'webhookEndpoint' },
  updateWebhookEndpoint: { object: 'webhookEndpoint', body: { name: 'Mine now' } },
  rotateWebhookSecret: { object: 'webhookEndpoint' },
  deleteWebhookEndpoint: { object: 'webhookEndpoint' },
  listWebhookDeliveries: { object: 'webhookEndpoint' },
  testWebhookEndpoint: { object: 'webhookEndpoint' },
  getVault: { object: 'vault' },
  updateVault: { object: 'vault', body: { name: 'Mine now' } },
  deleteVault: { object: 'vault' },
  listVaultSecrets: { object: 'vault' },
  createVaultSecret: { object: 'vault', body: { name: 'mine', value: 'put here by a stranger' } },
  getVaultSecret: SECRET,
  rotateVaultSecret: { ...SECRET, body: { value: 'not theirs any more' } },
  deleteVaultSecret: SECRET,
  disconnectApp: { object: 'app' },
};

/** Operations with something in their path that no tenant owns. */
export const NO_TENANTS_OBJECT: ReadonlySet<string> = new Set(['getModel']);

/** Operations that change who asks: each is walked by somebody new. */
export const ENDS_THE_CALLER: ReadonlySet<string> = new Set(['leaveTenant', 'signOut']);

/** Everything that is open to strangers, by its id: a route that becomes public has to be written here too. */
export const PUBLIC: ReadonlySet<string> = new Set([
  'demoRun',
  'listPlans',
  'stripeWebhook',
  'demoStatus',
  'getSignInWays',
  'signUp',
  'resendVerification',
  'verifyEmail',
  'signIn',
  'proveSecondFactor',
  'signOut',
  'requestPasswordReset',
  'resetPassword',
  'passkeySignInOptions',
  'signInWithPasskey',
  'beginSocialSignIn',
  'endSocialSignIn',
  'listDevMails',
]);

/** A path with an object's id in it, or with one that nothing has. */
export function pathOf(
  path: string,
  fixture: Fixture | undefined,
  ids: Readonly<Record<ObjectKind, string>> = NOBODY,
): string {
  return path.replaceAll(/\{(\w+)(\+?)\}/g, (_, name: string, rest: string) =>
    fixture === undefined
      ? rest === '+'
        ? 'nobody/nothing'
        : 'nobody'
      : ids[fixture.within?.[name] ?? fixture.object],
  );
}
