import { randomBytes } from 'node:crypto';
import { OPERATOR_TOKEN, type Parallax, startParallax } from '../parallax.ts';
import { cpuSeconds } from '../process-cpu.ts';
import { median } from '../quantile.ts';
import { scriptWorker } from '../workerd/script-worker.ts';
import { startWorkerProcess } from '../workerd/worker-process.ts';

/** What a route costs that does nothing. */
const BARE = `export default { fetch: () => Response.json({ object: 'nothing' }) };`;
const PASSWORD = 'a password of the benchmark';

const ROUNDS = Number(process.env.ROUNDS ?? '5');
const REQUESTS = Number(process.env.REQUESTS ?? '3000');
const SIGN_INS = Number(process.env.SIGN_INS ?? '25');
const CONNECTIONS = 16;

interface Sample {
  readonly cpuUs: number;
  readonly perSecond: number;
}

interface Row {
  readonly name: string;
  readonly pid: number;
  readonly requests: number;
  readonly connections: number;
  readonly ask: () => Promise<Response>;
  readonly status: number;
  readonly samples: Sample[];
}

/** One turn of a row: every answer is checked, or what is measured would be another thing. */
async function measure({ pid, requests, connections, ask, status }: Row): Promise<Sample> {
  let left = requests;
  const cpuBefore = cpuSeconds(pid);
  const began = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (left > 0) {
        left -= 1;
        const answer = await ask();
        const text = await answer.text();
        if (answer.status !== status) throw new Error(`${answer.status} and not ${status}: ${text}`);
      }
    }),
  );
  const seconds = (performance.now() - began) / 1_000;
  return {
    cpuUs: ((cpuSeconds(pid) - cpuBefore) / requests) * 1e6,
    perSecond: requests / seconds,
  };
}

/** The person behind the benchmark's key, with a password. */
async function person({ url }: Parallax): Promise<string> {
  const email = 'bench@example.com';
  const given = await fetch(new URL('/dev/people', url), {
    method: 'PUT',
    headers: { authorization: `Bearer ${OPERATOR_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: PASSWORD }),
  });
  if (!given.ok) throw new Error(`${given.status}: ${await given.text()}`);
  return email;
}

function rowsOf(parallax: Parallax, bare: { url: URL; pid: number }, email: string): Row[] {
  const { url, key, pid } = parallax;
  const signIn = (password: string) => () =>
    fetch(new URL('/auth/sign-in', url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url.origin, 'user-agent': 'bench' },
      body: JSON.stringify({ email, password }),
    });
  const me = (bearer: () => string) => () =>
    fetch(new URL('/v1/me', url), { headers: { authorization: `Bearer ${bearer()}` } });
  // The key is checked, and nothing else is looked up.
  const refusedQuery = () =>
    fetch(new URL('/v1/audit?limit=0', url), { headers: { authorization: `Bearer ${key}` } });
  // Another key each time: nothing that was remembered of the one before can help.
  const forged = () => `plx_sk_${key.slice(7, 9)}${randomBytes(60).toString('base64url').slice(0, 62)}`;
  const many = { requests: REQUESTS, connections: CONNECTIONS };
  const row = (name: string, ask: Row['ask'], status: number, more: Partial<Row> = {}): Row => ({
    name,
    pid,
    ...many,
    ask,
    status,
    samples: [],
    ...more,
  });
  return [
    row('a bare Worker', () => fetch(bare.url), 200, { pid: bare.pid }),
    row(
      '`/v1/me`, a genuine key',
      me(() => key),
      200,
    ),
    row('a genuine key, and a query that is refused', refusedQuery, 422),
    row('`/v1/me`, a forged key', me(forged), 401),
    row(
      '`/v1/me`, a malformed key',
      me(() => `${key}x`),
      401,
    ),
    row('a sign-in (scrypt, session, event, audit)', signIn(PASSWORD), 200, {
      requests: SIGN_INS,
      connections: 1,
    }),
  ];
}

function tableOf(rows: readonly Row[]): string {
  const [bare] = rows;
  const of = (row: Row, what: keyof Sample) => median(row.samples.map((sample) => sample[what]));
  // A ratio is that of one round, so that what else the machine did in that round falls on both.
  const ratio = (row: Row, what: keyof Sample) =>
    median(row.samples.map((sample, round) => sample[what] / (bare?.samples[round]?.[what] ?? Number.NaN)));
  return [
    `| median of ${ROUNDS} rounds | CPU a request | ratio | requests/s | ratio |`,
    '| --- | ---: | ---: | ---: | ---: |',
    ...rows.map(
      (row) =>
        `| ${row.name} | ${of(row, 'cpuUs').toFixed(0)} µs | ${ratio(row, 'cpuUs').toFixed(2)} | ${of(row, 'perSecond').toFixed(0)} | ${ratio(row, 'perSecond').toFixed(2)} |`,
    ),
  ].join('\n');
}

/** `npm run bench:identity`: what it costs to be known. */
async function main(): Promise<void> {
  const bare = await startWorkerProcess(scriptWorker('bare', BARE, {}));
  try {
    // The settings of one's own machine, because they alone let a person have a password without reading mail; and a rate that is not in the way.
    const parallax = await startParallax({
      settings: {
        ENVIRONMENT: 'dev',
        LIMIT_REQUESTS_PER_MINUTE: '10000000',
        LIMIT_TOKENS_PER_MINUTE: '10000000000',
      },
    });
    try {
      const rows = rowsOf(parallax, bare, await person(parallax));
      for (const row of rows) await measure(row);
      for (let round = 0; round < ROUNDS; round++)
        for (const row of round % 2 === 0 ? rows : rows.toReversed()) row.samples.push(await measure(row));
      console.log(tableOf(rows));
    } finally {
      await parallax.dispose();
    }
  } finally {
    await bare.dispose();
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
await main();
