import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { answerText } from './operator-answer.ts';
import { callOperator, OperatorError } from './operator-client.ts';
import { isLocal, operatorUrl, readOperatorCommand, UsageError } from './operator-command.ts';

describe('the operator’s command line', () => {
  it('makes a tenant', () => {
    const argv = [
      'create-tenant',
      '--name',
      'Acme Inc',
      '--email',
      'a@example.com',
      '--url',
      'https://x.example',
    ];
    expect(readOperatorCommand(argv)).toMatchObject({
      method: 'POST',
      path: '/v1/operator/tenants',
      body: { name: 'Acme Inc', email: 'a@example.com' },
      url: 'https://x.example',
      token: undefined,
      json: false,
    });
  });

  it('makes, lists and revokes keys', () => {
    const make = [
      'create-key',
      '--tenant',
      'ten_1',
      '--name',
      'CI',
      '--scopes',
      'models, usage:read',
      '--json',
    ];
    expect(readOperatorCommand(make)).toMatchObject({
      method: 'POST',
      path: '/v1/operator/tenants/ten_1/api-keys',
      body: { name: 'CI', scopes: ['models', 'usage:read'] },
      json: true,
    });
    expect(readOperatorCommand(['list-keys', '--tenant', 'ten_1'])).toMatchObject({
      method: 'GET',
      path: '/v1/operator/tenants/ten_1/api-keys',
    });
    expect(readOperatorCommand(['revoke-key', '--tenant', 'ten_1', '--key', 'key_/../x'])).toMatchObject({
      method: 'DELETE',
      path: '/v1/operator/tenants/ten_1/api-keys/key_%2F..%2Fx',
    });
  });

  it('lists and replays the dead letters of a queue', () => {
    expect(readOperatorCommand(['dead-letters', '--queue', 'ledger'])).toMatchObject({
      method: 'GET',
      path: '/v1/operator/dead-letters?queue=ledger',
    });
    expect(readOperatorCommand(['replay-dead-letters', '--queue', 'ledger', '--all'])).toMatchObject({
      path: '/v1/operator/dead-letters/replay',
      body: { queue: 'ledger' },
      all: true,
    });
    expect(readOperatorCommand(['replay-dead-letters'])).toMatchObject({ body: {} });
  });

  it('compares ledgers, of all tenants or one, and lists what differs', () => {
    expect(readOperatorCommand(['reconcile', '--all'])).toMatchObject({
      method: 'POST',
      path: '/v1/operator/reconcile',
      body: {},
      all: true,
    });
    const one = [
      'reconcile',
      '--tenant',
      'ten_1',
      '--from',
      '2026-11-01',
      '--to',
      '2026-12-01',
      '--mirror-anew',
    ];
    expect(readOperatorCommand(one)).toMatchObject({
      body: { tenant_id: 'ten_1', from: '2026-11-01', to: '2026-12-01', mirror_anew: true },
    });
    expect(readOperatorCommand(['differences', '--tenant', 'ten_1'])).toMatchObject({
      method: 'GET',
      path: '/v1/operator/reconcile?tenant_id=ten_1',
    });
    const difference = {
      tenant_id: 'ten_1',
      kind: 'not_charged',
      subject: 'call_1',
      expected: '1000',
      found: null,
      amount_nano_usd: -1000,
      first_seen_at: '2026-11-27T00:00:00.000Z',
    };
    const answer = {
      tenants: 1,
      failed: 0,
      transactions: 2,
      events: 3,
      purchases: 0,
      found: 1,
      sent_again: 5,
      differences: [difference],
      remaining: false,
    };
    expect(answerText('reconcile', answer).split('\n')).toEqual([
      '1 tenants: 2 transactions, 3 calls and 0 purchases compared. 1 differences:',
      'ten_1  not_charged  call_1  expected 1000, found nothing  -1000 nano-dollars  since 2026-11-27T00:00:00.000Z',
      '5 transactions were sent to the mirror again.',
    ]);
    expect(answerText('differences', { data: [], has_more: false })).toMatch(/^Nothing differs/);
  });

  it.each([['--help'], ['-h'], ['help'], ['create-key --help']])('explains itself for %s', (line) => {
    expect(readOperatorCommand(line.split(' '))).toEqual({ kind: 'help' });
  });

  it.each([
    ['', 'Which command'],
    ['make-tenant', 'no command "make-tenant"'],
    ['toString', 'no command "toString"'],
    ['create-tenant --name X', 'needs --email'],
    ['create-tenant --name= --email a@b.c', 'needs --name'],
    ['create-tenant --name Acme Inc --email a@b.c', 'one word too many'],
    ['list-keys --tenant ten_1 --email a@b.c', 'takes no --email'],
    ['list-keys --colour red', 'colour'],
    ['list-keys --tenant', 'tenant'],
  ])('says what is wrong with "%s"', (line, words) => {
    const read = () => readOperatorCommand(line.split(' ').filter((word) => word !== ''));
    expect(read).toThrow(UsageError);
    expect(read).toThrow(words);
  });

  it('sends the token over plain http to this machine alone', () => {
    expect(operatorUrl('http://localhost:8787').port).toBe('8787');
    expect(operatorUrl('http://127.0.0.1:1').hostname).toBe('127.0.0.1');
    expect(operatorUrl('https://parallax.example').protocol).toBe('https:');
    expect(() => operatorUrl('http://parallax.example')).toThrow('use https');
    expect(() => operatorUrl('http://localhost.example')).toThrow('use https');
    expect(() => operatorUrl('parallax')).toThrow(UsageError);
    expect(isLocal(new URL('https://127.0.0.1.example'))).toBe(false);
  });
});

const key = {
  id: 'key_1',
  name: 'CI\u001b[2J',
  kind: 'secret',
  prefix: 'plx_sk_Abcd',
  last4: 'wxyz',
  scopes: ['models'],
  created_at: '2026-11-20T00:00:00.000Z',
  expires_at: null,
  revoked_at: null,
};

describe('what the command prints', () => {
  it('shows a new key once, with its tenant and owner', () => {
    const owner = { id: 'usr_1', email: 'a@example.com' };
    const tenant = { id: 'ten_1', name: 'Acme', owner, key: { ...key, key: 'plx_sk_text' } };
    const text = answerText('create-tenant', tenant);
    for (const part of ['ten_1', 'Acme', 'usr_1', 'a@example.com', 'plx_sk_text', 'only time']) {
      expect(text).toContain(part);
    }
  });

  it('lists keys in columns, without control characters from their names', () => {
    const ended = { ...key, id: 'key_2', name: 'Old', revoked_at: '2026-11-21T00:00:00.000Z' };
    const text = answerText('list-keys', [key, ended]);
    expect(text).not.toContain('\u001b');
    expect(text.split('\n')).toHaveLength(3);
    expect(text).toMatch(/key_1 {2}plx_sk_Abcd…wxyz {2}CI\?\[2J {2}live/);
    expect(text).toMatch(/key_2 .*revoked 2026-11-21/);
    expect(answerText('list-keys', [])).toBe('No keys.');
  });
});

describe('the call to the server', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  /** A server that answers with these statuses and bodies in turn; `null` drops the connection. */
  async function serve(answers: readonly ({ status: number; body: unknown } | null)[]) {
    const seen: { method?: string; url?: string; headers: IncomingMessage['headers'] }[] = [];
    const server = createServer((request, response) => {
      seen.push({ method: request.method, url: request.url, headers: request.headers });
      const answer = answers[seen.length - 1];
      if (answer === null || answer === undefined) {
        request.socket.destroy();
        return;
      }
      response.writeHead(answer.status, {
        'content-type': 'application/json',
        'request-id': 'req_9',
        location: '/elsewhere',
      });
      response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { seen, url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`) };
  }

  const create = readOperatorCommand(['create-key', '--tenant', 'ten_1', '--name', 'CI']);
  const list = readOperatorCommand(['list-keys', '--tenant', 'ten_1']);
  if (create.kind !== 'call' || list.kind !== 'call') throw new Error('these are calls');

  it('is repeated with the same Idempotency-Key when there is no answer or a 503', async () => {
    const { seen, url } = await serve([
      null,
      { status: 503, body: {} },
      { status: 201, body: { id: 'key_1' } },
    ]);
    expect(await callOperator(url, 'secret', create, 1)).toEqual({ id: 'key_1' });
    const keys = new Set(seen.map(({ headers }) => headers['idempotency-key']));
    expect(seen).toHaveLength(3);
    expect(keys.size).toBe(1);
    expect([...keys][0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(seen[0]?.headers.authorization).toBe('Bearer secret');
  });

  it('gathers all pages of a list', async () => {
    const { seen, url } = await serve([
      { status: 200, body: { data: [1, 2], next_cursor: 'a b' } },
      { status: 200, body: { data: [3], next_cursor: null } },
    ]);
    expect(await callOperator(url, 'secret', list, 1)).toEqual([1, 2, 3]);
    expect(seen[1]?.url).toBe('/v1/operator/tenants/ten_1/api-keys?limit=100&cursor=a%20b');
  });

  it('passes on the server’s sentence, with the request’s id, and never the token', async () => {
    const { url } = await serve([{ status: 409, body: { detail: 'Taken already.' } }]);
    const error: unknown = await callOperator(url, 'secret-token', create, 1).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(OperatorError);
    expect(String(error)).toContain('409: Taken already. Request req_9.');
    expect(String(error)).not.toContain('secret-token');
  });

  it('says so when the answer is not one of Parallax, or there is no server', async () => {
    const { url } = await serve([{ status: 200, body: '<html>' }]);
    await expect(callOperator(url, 'x', list, 1)).rejects.toThrow('is --url right?');
    const gone = await serve([null, null, null]);
    await expect(callOperator(gone.url, 'x', list, 1)).rejects.toThrow('does not answer');
    expect(gone.seen).toHaveLength(3);
  });

  it('does not follow a redirect with the token', async () => {
    const { seen, url } = await serve([{ status: 302, body: '' }, null, null]);
    await expect(callOperator(url, 'x', list, 1)).rejects.toThrow(OperatorError);
    expect(seen.every((request) => request.url?.startsWith('/v1/operator/'))).toBe(true);
  });
});

describe('rebuild-usage', () => {
  it('asks for a day, for one tenant or for all, and says whose sums were wrong', () => {
    expect(readOperatorCommand(['rebuild-usage', '--day', '2026-11-20', '--tenant', 'ten_1'])).toMatchObject({
      method: 'POST',
      path: '/v1/operator/usage/rebuild',
      body: { day: '2026-11-20', tenant_id: 'ten_1' },
    });
    expect(() => readOperatorCommand(['rebuild-usage'])).toThrow('rebuild-usage needs --day');
    const answer = { day: '2026-11-20', tenants: 20, differed: ['ten_1'], remaining: true };
    expect(answerText('rebuild-usage', answer)).toBe(
      '2026-11-20: sums of 20 tenants made anew. Wrong had been those of ten_1. There are more.',
    );
  });
});

describe('the plan of a tenant', () => {
  it('is read, agreed on and ended', () => {
    const path = '/v1/operator/tenants/ten_1/plan';
    expect(readOperatorCommand(['plan', '--tenant', 'ten_1'])).toMatchObject({ method: 'GET', path });
    const agree = ['plan', '--tenant', 'ten_1', '--plan', 'enterprise', '--reason', 'Contract 42'];
    expect(
      readOperatorCommand([...agree, '--seats', '40', '--ends-at', '2027-01-01T00:00:00Z']),
    ).toMatchObject({
      method: 'POST',
      path,
      body: { plan: 'enterprise', seats: 40, ends_at: '2027-01-01T00:00:00Z', reason: 'Contract 42' },
    });
    const end = ['plan', '--tenant', 'ten_1', '--plan', 'none', '--reason', 'Over'];
    expect(readOperatorCommand(end)).toMatchObject({ body: { plan: null, reason: 'Over' } });
  });

  it.each([
    ['without a reason', ['--plan', 'team']],
    ['with half a seat', ['--plan', 'team', '--reason', 'x', '--seats', '1.5']],
    ['with seats of nothing', ['--seats', '2']],
  ])('is not agreed on %s', (_, rest) => {
    expect(() => readOperatorCommand(['plan', '--tenant', 'ten_1', ...rest])).toThrow(UsageError);
  });

  it('is told with what is paid besides', () => {
    const answer = {
      tenant_id: 'ten_1',
      plan: 'enterprise',
      seats: 40,
      agreement: { ends_at: null, reason: 'Contract 42' },
      subscription: { plan: 'pro', status: 'active', seats: 1 },
    };
    expect(answerText('plan', answer)).toMatch(/enterprise, 40 seats.*Contract 42\n.*goes on being paid/);
  });
});

describe('npm run vault:rotate', () => {
  it.each([
    [0, 0],
    [1, 1],
  ])(
    'goes on page by page to the end; with %i that did not open it ends with status %i',
    async (failed, status) => {
      const pages = ['ten_2', 'ten_4', null];
      const asked: unknown[] = [];
      const server = createServer(async (request, response) => {
        asked.push(JSON.parse((await Array.fromAsync(request)).map(String).join('')));
        const next_after = pages[asked.length - 1] ?? null;
        const answer = { object: 'rewrapped', rewrapped: 2, failed: next_after === 'ten_4' ? failed : 0 };
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ ...answer, remaining: next_after !== null, next_after }));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      try {
        const { port } = server.address() as AddressInfo;
        const url = `http://127.0.0.1:${port}`;
        const command = [
          'scripts/operator.ts',
          'rewrap-vault',
          '--all',
          '--url',
          url,
          '--token',
          't'.repeat(32),
        ];
        const child = spawn(process.execPath, command, { stdio: 'ignore' });
        expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(status);
        expect(asked).toEqual([{}, { after: 'ten_2' }, { after: 'ten_4' }]);
      } finally {
        server.close();
      }
    },
  );
});
