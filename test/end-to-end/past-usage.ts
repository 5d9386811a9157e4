import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { inject } from 'vitest';

const DAY = 86_400_000;
const DAYS = 30;

/** Models with what a token of theirs costs, in nano-dollars, in and out. */
const MODELS = [
  ['openai/gpt-5', 'openai', 1_250, 10_000],
  ['openai/gpt-5-mini', 'openai', 250, 2_000],
  ['anthropic/claude-sonnet-4-5', 'anthropic', 3_000, 15_000],
  ['google/gemini-2.5-flash', 'google', 300, 2_500],
  ['mistral/mistral-large', 'mistral', 2_000, 6_000],
] as const;
const FEATURES = ['chat', 'responses', 'messages', 'perspective', 'merge'] as const;

/**
 * Gives somebody a month of calls to look at: the events are written into the server's database, and its own route makes the sums of them.
 * The same every time.
 */
export async function livePast(who: {
  readonly user: { readonly id: string };
  readonly tenant: { readonly id: string };
}): Promise<void> {
  const database = serverDatabase();
  const today = Math.floor(Date.now() / DAY) * DAY;
  let seed = 7;
  const random = () => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  try {
    const insert = database.prepare(
      `INSERT INTO usage_events (id, ingest, at, tenant_id, user_id, request_id, feature, client, model, provider, key_strategy, chosen_by,
       stream, status, error_kind, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, estimated, priced,
       cost_nano, charge_nano, latency_ms, first_token_ms)
       VALUES (?, 'past', ?, ?, ?, ?, ?, 'codex', ?, ?, ?, 'explicit', 1, ?, ?, ?, ?, 0, ?, ?, 0, 1, ?, ?, ?, ?)`,
    );
    database.exec('BEGIN');
    for (let day = 1; day < DAYS; day++) {
      const calls = 4 + Math.floor(random() * 14);
      for (let at = 0; at < calls; at++) {
        const [model, provider, costIn, costOut] =
          MODELS[Math.floor(random() ** 1.6 * MODELS.length)] ?? MODELS[0];
        const sent = 400 + Math.floor(random() * 9_000);
        const got = 100 + Math.floor(random() * 2_400);
        const failed = random() < 0.03;
        const own = provider === 'mistral';
        const cost = failed ? 0 : sent * costIn + got * costOut;
        const latency = 400 + Math.floor(random() ** 3 * 24_000);
        const id = `past_${who.tenant.id}_${day}_${at}`;
        insert.run(
          id,
          today - day * DAY + Math.floor(random() * DAY),
          who.tenant.id,
          who.user.id,
          `req_${id}`,
          FEATURES[Math.floor(random() * FEATURES.length)] ?? 'chat',
          model,
          provider,
          own ? 'tenant' : 'platform',
          failed ? 'failed' : 'ok',
          failed ? 'overloaded' : null,
          failed ? 0 : sent,
          failed ? 0 : Math.floor(sent * 0.3),
          failed ? 0 : got,
          failed ? 0 : Math.floor(got * 0.2),
          cost,
          own ? 0 : Math.ceil(cost * 1.1),
          latency,
          failed ? null : Math.floor(latency * 0.3),
        );
      }
    }
    tell(database, who.tenant.id);
    database.exec('COMMIT');
  } finally {
    database.close();
  }
  for (let day = 1; day < DAYS; day++) {
    const rebuilt = await fetch(`${inject('baseUrl')}/v1/operator/usage/rebuild`, {
      method: 'POST',
      headers: { authorization: `Bearer ${inject('operatorToken')}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        day: new Date(today - day * DAY).toISOString().slice(0, 10),
        tenant_id: who.tenant.id,
      }),
    });
    if (!rebuilt.ok) throw new Error(`the sums of a day were not made: ${await rebuilt.text()}`);
  }
}

/** The running server's database. Its caller closes it. */
export function serverDatabase(): DatabaseSync {
  const folder = join(inject('serverState'), 'v3/d1/miniflare-D1DatabaseObject');
  const file = readdirSync(folder).find((name) => name.endsWith('.sqlite') && !name.startsWith('metadata'));
  if (file === undefined) throw new Error(`there is no database in ${folder}`);
  return new DatabaseSync(join(folder, file), { timeout: 5_000 });
}

/** What they were told meanwhile. */
function tell(database: DatabaseSync, tenantId: string): void {
  const insert = database.prepare(
    `INSERT INTO notices (id, tenant_id, audience, kind, title, body, link, created_at) VALUES (?, ?, 'managers', ?, ?, ?, '/billing', ?)`,
  );
  insert.run(
    'past_1',
    tenantId,
    'budget',
    'Budget “Everything” is at 80 %',
    '$40.10 of $50.00 is spent this month. From 100 % on calls are refused.',
    Date.now() - DAY,
  );
  insert.run(
    'past_2',
    tenantId,
    'billing',
    'Automatic top-ups are off',
    'The bank refused the payment several times. Calls go on until the credit that is left is used up.',
    Date.now() - 5 * 60_000,
  );
}

interface RunAnswer {
  readonly id: string;
  readonly status: string;
  readonly perspectives: readonly { readonly error?: unknown }[];
}

/** Brings a provider key, gives its models prices, and asks three models with it; answers the run's id. */
export async function callNow(key: string): Promise<string> {
  const post = async <Answer>(path: string, body: unknown): Promise<Answer> => {
    const answer = await fetch(`${inject('baseUrl')}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Answer;
  };
  await post('/v1/provider-keys', {
    provider: 'openai',
    key: 'sk-local-0123456789abcdef',
    name: 'Team account',
    base_url: `${inject('serverModelsUrl')}/v1`,
    monthly_budget_usd: 50,
  });
  for (const name of ['swift', 'sage', 'scribe']) {
    const model = await fetch(`${inject('baseUrl')}/v1/operator/models/openai/${name}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${inject('operatorToken')}`, 'content-type': 'application/json' },
      body: JSON.stringify({ upstream_name: name, pricing: { input: 1.25, output: 10 } }),
    });
    if (!model.ok) throw new Error(`${name} has no price: ${model.status} ${await model.text()}`);
  }
  const run: RunAnswer = await post('/v1/perspectives', {
    prompt: 'Should a small team use microservices, or stay with one program for as long as it can?',
    models: ['openai/swift', 'openai/sage', 'openai/scribe'],
    merge: { strategy: 'consensus', model: 'openai/sage' },
  });
  if (run.status !== 'completed') throw new Error(JSON.stringify(run.perspectives.map(({ error }) => error)));
  return run.id;
}
