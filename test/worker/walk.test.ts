import { exports } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { operations } from '../../src/app.ts';
import {
  type CredentialKind,
  PERMISSIONS,
  type Permission,
  type PermissionRule,
  refusalOf,
} from '../../src/contracts/permissions.ts';
import { ROLES, type Role, SCOPES, type Scope } from '../../src/contracts/principal.ts';
import { memberOf } from '../../src/features/identity/people-and-tenants.fixture.ts';
import { TOOLS } from '../../src/mcp/tools/index.ts';
import type { Operation } from '../../src/platform/http/operation.ts';
import { Client, OPERATOR_TOKEN, ORIGIN } from './client.ts';
import { connected } from './oauth-apps.ts';
import {
  ENDS_THE_CALLER,
  FIXTURES,
  NO_TENANTS_OBJECT,
  PUBLIC,
  pathOf,
  type World,
  world,
} from './walk-fixtures.ts';

/** The tenant that is walked, and another one with somebody in it who would like to have what is there. */
let home: World;
let away: World;

beforeAll(async () => {
  [home, away] = [await world('Home'), await world('Away')];
}, 60_000);

interface Said {
  readonly status: number;
  readonly text: string;
  readonly code: string;
}

async function said(response: { status: number; text: () => Promise<string> }): Promise<Said> {
  const text = await response.text();
  let body: { code?: string; error?: { code?: string; type?: string } } = {};
  try {
    body = JSON.parse(text) as typeof body;
  } catch {
    // A stream, or nothing.
  }
  return { status: response.status, text, code: body.code ?? body.error?.code ?? body.error?.type ?? '' };
}

const hasBody = ({ method }: Operation) => method === 'post' || method === 'put' || method === 'patch';

/** Asks with a bearer, or none. */
async function withBearer(
  operation: Operation,
  path: string,
  bearer: string | null,
  body: object = EMPTY,
): Promise<Said> {
  const sends = hasBody(operation) || body !== EMPTY;
  const response = await exports.default.fetch(`${ORIGIN}${path}`, {
    method: operation.method.toUpperCase(),
    headers: {
      ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
      ...(sends ? { 'content-type': 'application/json' } : {}),
    },
    ...(sends ? { body: JSON.stringify(body) } : {}),
  });
  return said(response);
}
const EMPTY = {};

/** Asks as somebody at a browser. */
async function withSession(
  operation: Operation,
  path: string,
  person: World['people'][Role],
  body: object = EMPTY,
): Promise<Said> {
  const sends = hasBody(operation) || body !== EMPTY;
  const response = await exports.default.fetch(`${ORIGIN}${path}`, {
    method: operation.method.toUpperCase(),
    headers: {
      cookie: person.browser.cookieHeader(),
      origin: ORIGIN,
      'user-agent': person.browser.userAgent,
      ...(sends ? { 'content-type': 'application/json' } : {}),
    },
    ...(sends ? { body: JSON.stringify(body) } : {}),
  });
  return said(response);
}

/** What an answer says of whether its caller was let in. */
function verdict({ status, code, text }: Said): string {
  if (status === 401) return 'unauthenticated';
  if (status !== 403) return status >= 500 && status !== 503 ? `failed: ${text}` : 'let in';
  if (code === 'forbidden' || /needs the role/.test(text)) return 'role';
  return /needs the scope/.test(text) ? 'scope' : /can be done with/.test(text) ? 'credential' : `let in`;
}

const tenantOperations = operations.filter(({ access }) => access.kind === 'principal');
const permissionOf = ({ access }: Operation): Permission => {
  if (access.kind !== 'principal') throw new Error('no operation of a tenant');
  return access.permission;
};

function expected(role: Role, via: CredentialKind, scopes: readonly Scope[], permission: Permission): string {
  const principal = { tenantId: home.tenantId, userId: '', role, via, scopes };
  return refusalOf(principal, permission) ?? 'let in';
}

describe('every route', () => {
  it('of the document is an operation that says who may call it, and the other way round', async () => {
    const document = await (await exports.default.fetch(`${ORIGIN}/v1/openapi.json`)).json<{
      paths: Record<string, Record<string, { operationId: string }>>;
    }>();
    const described = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(described.sort()).toEqual(operations.map(({ operationId }) => operationId).sort());
    for (const operation of operations) {
      if (operation.access.kind === 'principal')
        expect(PERMISSIONS).toHaveProperty([permissionOf(operation)]);
      else expect(['person', 'operator', 'public']).toContain(operation.access.kind);
    }
  });

  it('that is public is one of those that we know of', () => {
    const open = operations
      .filter(({ access }) => access.kind === 'public')
      .map(({ operationId }) => operationId);
    expect(open.filter((id) => !PUBLIC.has(id))).toEqual([]);
  });

  it('with something in its path says which object of a tenant that is', () => {
    const unknown = tenantOperations
      .filter(({ path, operationId }) => path.includes('{') && !NO_TENANTS_OBJECT.has(operationId))
      .map(({ operationId }) => operationId)
      .filter((id) => FIXTURES[id] === undefined);
    expect(unknown).toEqual([]);
    for (const id of Object.keys(FIXTURES))
      expect(operations.map(({ operationId }) => operationId)).toContain(id);
  });
});

describe.each(ROLES)('as %s', (role) => {
  it('every route lets a key in, or refuses it, as the table says', async () => {
    for (const operation of tenantOperations) {
      const permission = permissionOf(operation);
      const path = pathOf(operation.path, FIXTURES[operation.operationId]);
      const answer = await withBearer(operation, path, home.keys[role].key);
      const name = `${operation.operationId} (${answer.status})`;
      expect([name, verdict(answer)]).toEqual([name, expected(role, 'key', SCOPES, permission)]);
    }
  }, 60_000);

  it('every route lets a browser in, or refuses it, as the table says', async () => {
    for (const operation of tenantOperations) {
      const permission = permissionOf(operation);
      const path = pathOf(operation.path, FIXTURES[operation.operationId]);
      const person = ENDS_THE_CALLER.has(operation.operationId)
        ? role === 'owner'
          ? home.people.owner
          : await memberOf(home.people.owner, home.tenantId, role)
        : home.people[role];
      const answer = await withSession(operation, path, person);
      const name = `${operation.operationId} (${answer.status})`;
      expect([name, verdict(answer)]).toEqual([name, expected(role, 'session', SCOPES, permission)]);
    }
  }, 60_000);

  it('every tool and list of the MCP server does as the table says', async () => {
    for (const { name, permission } of TOOLS) {
      const answer = await tool(name, home.keys[role]);
      const refused = /needs the role/.test(answer)
        ? 'role'
        : /needs the scope/.test(answer)
          ? 'scope'
          : 'let in';
      expect([name, refused]).toEqual([name, expected(role, 'key', SCOPES, permission)]);
      expect((await mcp('tools/list', {}, home.keys[role])).includes(`"name":"${name}"`)).toBe(
        refused === 'let in',
      );
    }
  });
});

describe('a credential', () => {
  it('without the scope is refused by every route and tool that needs one, and by no other', async () => {
    const narrow = async (scope: Scope) => {
      const response = await home.keys.owner.fetch('/v1/api-keys', {
        body: { name: 'Narrow', scopes: [scope] },
      });
      return new Client((await response.json<{ key: string }>()).key, home.tenantId);
    };
    const clients = { 'usage:read': await narrow('usage:read'), models: await narrow('models') };
    for (const operation of tenantOperations) {
      const permission = permissionOf(operation);
      const { scope }: PermissionRule = PERMISSIONS[permission];
      const held = scope === 'usage:read' ? 'models' : 'usage:read';
      const path = pathOf(operation.path, FIXTURES[operation.operationId]);
      const answer = await withBearer(operation, path, clients[held].key);
      const name = `${operation.operationId} (${answer.status})`;
      expect([name, verdict(answer)]).toEqual([name, expected('owner', 'key', [held], permission)]);
    }
    for (const { name, permission } of TOOLS) {
      const { scope }: PermissionRule = PERMISSIONS[permission];
      const refused = /needs the scope/.test(await tool(name, clients['usage:read']));
      expect([name, refused]).toEqual([name, scope !== null && scope !== 'usage:read']);
    }
  }, 60_000);

  it('that is missing, forged, publishable or the operator’s opens no route of a tenant', async () => {
    const response = await home.keys.owner.fetch('/v1/api-keys', {
      body: { name: 'Site', kind: 'publishable', allowed_origins: ['https://example.com'] },
    });
    const publishable = (await response.json<{ key: string }>()).key;
    const forged = `${home.keys.owner.key.slice(0, -4)}AAAA`;
    for (const operation of operations.filter(
      ({ access }) => access.kind === 'principal' || access.kind === 'person',
    )) {
      const path = pathOf(operation.path, FIXTURES[operation.operationId]);
      for (const bearer of [null, forged, publishable, OPERATOR_TOKEN, 'nonsense']) {
        const { status } = await withBearer(operation, path, bearer);
        expect([operation.operationId, bearer?.slice(0, 7), status]).toEqual([
          operation.operationId,
          bearer?.slice(0, 7),
          401,
        ]);
      }
    }
  }, 60_000);

  it('of a tenant opens no route of the operator, and a key none of a person’s own', async () => {
    for (const operation of operations) {
      const path = pathOf(operation.path, undefined);
      if (operation.access.kind === 'operator') {
        expect([
          operation.operationId,
          (await withBearer(operation, path, home.keys.owner.key)).status,
        ]).toEqual([operation.operationId, 401]);
        expect([
          operation.operationId,
          (await withSession(operation, path, home.people.owner)).status,
        ]).toEqual([operation.operationId, 401]);
      }
      if (operation.access.kind === 'person')
        expect([
          operation.operationId,
          (await withBearer(operation, path, home.keys.owner.key)).status,
        ]).toEqual([operation.operationId, 401]);
    }
  }, 60_000);
});

describe('a connected app', () => {
  /** Tokens of apps that the owners of both tenants connected: with every scope, and with one alone. */
  const tokens = { all: '', usage: '', models: '', away: '' };
  const everything = SCOPES.filter((scope) => scope !== 'offline_access').join(' ');
  const tokenOf = async ({ people, tenantId }: World, scope: string) =>
    (await connected(people.owner, tenantId, { scope })).tokens.access_token;

  beforeAll(async () => {
    tokens.all = await tokenOf(home, everything);
    tokens.usage = await tokenOf(home, 'usage:read');
    tokens.models = await tokenOf(home, 'models');
    tokens.away = await tokenOf(away, everything);
  }, 60_000);

  it('gets nothing at any route of the API: its token is for the MCP server alone', async () => {
    for (const operation of operations.filter(({ access }) => access.kind !== 'public')) {
      const path = pathOf(operation.path, FIXTURES[operation.operationId], home.ids);
      const { status, text } = await withBearer(operation, path, tokens.all);
      expect([operation.operationId, status]).toEqual([operation.operationId, 401]);
      expect(text).not.toContain(home.marker);
    }
  }, 60_000);

  it('may call the tools that its scopes cover, and is shown no others', async () => {
    for (const [held, bearer] of [
      [SCOPES, tokens.all],
      [['usage:read'], tokens.usage],
      [['models'], tokens.models],
    ] as const) {
      const client = new Client(bearer, home.tenantId);
      const listed = await mcp('tools/list', {}, client, ORIGIN);
      for (const { name, permission } of TOOLS) {
        const answer = await tool(name, client, {}, ORIGIN);
        const may = expected('owner', 'oauth', held, permission);
        const refused = /needs the role/.test(answer)
          ? 'role'
          : /needs the scope|insufficient_scope/.test(answer)
            ? 'scope'
            : 'let in';
        expect([name, held.length, refused]).toEqual([name, held.length, may]);
        expect([name, listed.includes(`"name":"${name}"`)]).toEqual([name, may === 'let in']);
      }
    }
  }, 60_000);

  it('of one tenant sees nothing of another’s, with any tool, resource or list', async () => {
    const client = new Client(tokens.away, away.tenantId);
    const secrets = [home.marker, home.tenantId, ...Object.values(home.ids)];
    const uri = `parallax://runs/${home.ids.run}`;
    // The same question as the one whose answer is theirs.
    expect(await mcp('resources/read', { uri }, new Client(tokens.all, home.tenantId), ORIGIN)).toContain(
      home.marker,
    );
    const answers = [
      await mcp('resources/list', {}, client, ORIGIN),
      await mcp('resources/read', { uri }, client, ORIGIN),
    ];
    for (const { name } of TOOLS)
      for (const input of [{}, { run_id: home.ids.run }, { run_id: home.ids.run, strategy: 'synthesize' }])
        answers.push(await tool(name, client, input, ORIGIN));
    for (const answer of answers) {
      // An answer may repeat the id that it was asked for; it shows nothing else.
      const seen = secrets.filter((secret) => secret !== home.ids.run && answer.includes(secret));
      expect(seen).toEqual([]);
    }
    expect(answers[0]).not.toContain(home.ids.run);
  }, 60_000);
});

describe('a stranger', () => {
  it('finds nothing at another tenant’s ids: each is a 404, whoever asks', async () => {
    for (const operation of tenantOperations) {
      const fixture = FIXTURES[operation.operationId];
      if (fixture === undefined) continue;
      const path = pathOf(operation.path, fixture, home.ids);
      const permission = permissionOf(operation);
      const answers = [];
      if (expected('owner', 'key', SCOPES, permission) === 'let in')
        answers.push(await withBearer(operation, path, away.keys.owner.key, fixture.body ?? EMPTY));
      answers.push(await withSession(operation, path, away.people.owner, fixture.body ?? EMPTY));
      for (const { status, text } of answers) {
        expect([operation.operationId, status]).toEqual([operation.operationId, 404]);
        expect(text).not.toContain(home.marker);
      }
    }
  }, 60_000);

  it('reads nothing of another tenant in any list', async () => {
    const secrets = [
      home.marker,
      ...Object.values(home.ids),
      ...ROLES.map((role) => home.people[role].userId),
    ];
    for (const operation of tenantOperations.filter(
      ({ method, path }) => method === 'get' && !path.includes('{'),
    )) {
      for (const { text } of [
        await withBearer(operation, operation.path, away.keys.owner.key),
        await withSession(operation, operation.path, away.people.owner),
      ])
        expect([operation.operationId, secrets.filter((secret) => text.includes(secret))]).toEqual([
          operation.operationId,
          [],
        ]);
    }
  }, 60_000);

  it('reads no run of another tenant through the MCP server, and sees none listed', async () => {
    const uri = `parallax://runs/${home.ids.run}`;
    const own = await mcp('resources/read', { uri }, home.keys.owner);
    expect(own).toContain(home.marker);
    const read = await mcp('resources/read', { uri }, away.keys.owner);
    expect(read).toMatch(/"error"|isError/);
    expect(read).not.toContain(home.marker);
    expect(await mcp('resources/list', {}, away.keys.owner)).not.toContain(home.ids.run);
    const merged = await tool('merge_responses', away.keys.owner, {
      run_id: home.ids.run,
      strategy: 'synthesize',
    });
    expect(merged).not.toContain(home.marker);
  });

  it('has changed nothing: what was asked for is still there', async () => {
    for (const [path, kind] of [
      ['/v1/perspectives/', 'run'],
      ['/v1/routing/rules/', 'rule'],
      ['/v1/routing/panels/', 'panel'],
    ] as const)
      expect((await home.keys.owner.fetch(`${path}${home.ids[kind]}`)).status).toBe(200);
    const { data } = await (await home.keys.owner.fetch('/v1/api-keys?limit=100')).json<{
      data: { id: string; name: string; revoked_at: null; replaced_by: null }[];
    }>();
    expect(data.find(({ id }) => id === home.ids.key)).toMatchObject({
      name: home.marker,
      revoked_at: null,
      replaced_by: null,
    });
    const roles = (await home.people.owner.browser.get('/v1/members')).body.data;
    expect(roles.find(({ user_id }) => user_id === home.ids.member)).toMatchObject({ role: 'member' });
    expect((await home.people.owner.browser.get(`/v1/tenants/${home.tenantId}`)).body).toMatchObject({
      role: 'owner',
    });
    const [waiting] = (await home.people.owner.browser.get('/v1/invitations')).body.data;
    expect(waiting).toBeDefined();
  });
});

async function mcp(
  method: string,
  params: Record<string, unknown>,
  client: Client,
  origin = 'http://localhost',
): Promise<string> {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const name = typeof params.name === 'string' ? params.name : params.uri;
  const response = await exports.default.fetch(`${origin}/mcp`, {
    method: 'POST',
    headers: {
      host: 'localhost',
      authorization: `Bearer ${client.key}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } }),
  });
  return response.text();
}

/** Calls a tool with nothing, or something; what comes back as text. */
function tool(
  name: string,
  client: Client,
  input: Record<string, unknown> = {},
  origin?: string,
): Promise<string> {
  return mcp('tools/call', { name, arguments: input }, client, origin);
}
