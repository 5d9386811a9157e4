import type { CommandName } from './operator-command.ts';

/** A key in an answer, as far as it is printed. */
interface KeyAnswer {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly prefix: string;
  readonly last4: string;
  readonly scopes: readonly string[];
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
  readonly key?: string;
}

interface TenantAnswer {
  readonly id: string;
  readonly name: string;
  readonly owner: { readonly id: string; readonly email: string };
  readonly key: KeyAnswer;
}

/** A successful answer as text for a person. The answer's form is that of the contract. */
export function answerText(command: CommandName, answer: unknown): string {
  switch (command) {
    case 'create-tenant': {
      const tenant = answer as TenantAnswer;
      return [
        `Tenant   ${tenant.id}  ${printable(tenant.name)}`,
        `Owner    ${tenant.owner.id}  ${tenant.owner.email}`,
        createdKey(tenant.key),
      ].join('\n');
    }
    case 'create-key':
      return createdKey(answer as KeyAnswer);
    case 'list-keys':
      return keyTable(answer as readonly KeyAnswer[]);
    case 'revoke-key': {
      const key = answer as KeyAnswer;
      return `${key.id} (${printable(key.name)}) was revoked on ${key.revoked_at}. It stops working within five seconds.`;
    }
    case 'dead-letters':
      return deadLetterTable(answer as readonly DeadLetterAnswer[]);
    case 'replay-dead-letters': {
      const { replayed, remaining } = answer as { replayed: number; remaining: boolean };
      const more = remaining ? ' There are more: run the command again.' : '';
      return `${replayed} sent to the queue again.${more}`;
    }
    case 'rebuild-usage': {
      const { day, tenants, differed, remaining } = answer as {
        day: string;
        tenants: number;
        differed: readonly string[];
        remaining: boolean;
      };
      const wrong =
        differed.length === 0 ? 'All were right.' : `Wrong had been those of ${differed.join(', ')}.`;
      return `${day}: sums of ${tenants} tenants made anew. ${wrong}${remaining ? ' There are more.' : ''}`;
    }
    case 'reconcile':
      return reconciliation(answer as ReconciliationAnswer);
    case 'differences': {
      const { data, has_more } = answer as { data: readonly DifferenceAnswer[]; has_more: boolean };
      if (data.length === 0) return 'Nothing differs, as far as it was compared.';
      return [...data.map(differenceLine), ...(has_more ? ['There are more.'] : [])].join('\n');
    }
    case 'plan':
      return tenantPlan(answer as PlanAnswer);
    case 'rewrap-vault': {
      const { rewrapped, failed, remaining } = answer as {
        rewrapped: number;
        failed: number;
        remaining: boolean;
      };
      const wrong =
        failed === 0 ? '' : ` ${failed} did not open: keep the older master keys, and look into the log.`;
      return `${rewrapped} data keys are under the current master key now.${wrong}${remaining ? ' There are more.' : ''}`;
    }
  }
}

interface PlanAnswer {
  readonly tenant_id: string;
  readonly plan: string;
  readonly seats: number;
  readonly agreement: { readonly ends_at: string | null; readonly reason: string } | null;
  readonly subscription: { readonly plan: string; readonly status: string; readonly seats: number } | null;
}

function tenantPlan({ tenant_id, plan, seats, agreement, subscription }: PlanAnswer): string {
  const until = agreement?.ends_at == null ? 'until it is ended' : `until ${agreement.ends_at}`;
  const why = agreement === null ? '' : ` By agreement, ${until}: ${printable(agreement.reason)}`;
  const pays =
    subscription === null
      ? 'No subscription at Stripe.'
      : `At Stripe: ${subscription.plan}, ${subscription.seats} seats, ${subscription.status}.${agreement === null ? '' : ' It goes on being paid until somebody ends it.'}`;
  return [`${tenant_id}: ${plan}, ${seats} seats.${why}`, pays].join('\n');
}

interface DifferenceAnswer {
  readonly tenant_id: string;
  readonly kind: string;
  readonly subject: string;
  readonly expected: string | null;
  readonly found: string | null;
  readonly amount_nano_usd: number;
  readonly first_seen_at: string;
}

interface ReconciliationAnswer {
  readonly tenants: number;
  readonly failed: number;
  readonly transactions: number;
  readonly events: number;
  readonly purchases: number;
  readonly found: number;
  readonly sent_again: number;
  readonly differences: readonly DifferenceAnswer[];
  readonly remaining: boolean;
}

function reconciliation(answer: ReconciliationAnswer): string {
  const { tenants, failed, transactions, events, purchases, found, sent_again, differences, remaining } =
    answer;
  const lines = [
    `${tenants} tenants: ${transactions} transactions, ${events} calls and ${purchases} purchases compared. ${found === 0 ? 'Nothing differs.' : `${found} differences:`}`,
    ...differences.map(differenceLine),
  ];
  if (sent_again > 0) lines.push(`${sent_again} transactions were sent to the mirror again.`);
  if (failed > 0) lines.push(`${failed} ledgers could not be reached: look into the log.`);
  if (remaining) lines.push('There are more: go on with --all.');
  return lines.join('\n');
}

function differenceLine(one: DifferenceAnswer): string {
  const { tenant_id, kind, subject, expected, found, amount_nano_usd, first_seen_at } = one;
  const amount =
    amount_nano_usd === 0 ? '' : `  ${amount_nano_usd > 0 ? '+' : ''}${amount_nano_usd} nano-dollars`;
  return `${tenant_id}  ${kind}  ${printable(subject)}  expected ${printable(expected ?? 'nothing')}, found ${printable(found ?? 'nothing')}${amount}  since ${first_seen_at}`;
}

interface DeadLetterAnswer {
  readonly id: string;
  readonly queue: string;
  readonly created_at: string;
  readonly body: unknown;
}

function deadLetterTable(letters: readonly DeadLetterAnswer[]): string {
  if (letters.length === 0) return 'No dead letters.';
  return letters
    .map(
      ({ id, queue, created_at, body }) =>
        `${id}  ${queue}  ${created_at}  ${printable(JSON.stringify(body).slice(0, 100))}`,
    )
    .join('\n');
}

function createdKey(key: KeyAnswer): string {
  const ends = key.expires_at === null ? '' : `, ends ${key.expires_at}`;
  return [
    `Key      ${key.id}  ${printable(key.name)} (${key.kind}: ${key.scopes.join(', ')}${ends})`,
    '',
    `  ${key.key}`,
    '',
    'This is the only time the key is shown. Keep it safe.',
  ].join('\n');
}

function keyTable(keys: readonly KeyAnswer[]): string {
  if (keys.length === 0) return 'No keys.';
  const rows = keys.map((key) => [
    key.id,
    `${key.prefix}…${key.last4}`,
    printable(key.name),
    state(key),
    key.created_at,
    key.scopes.join(','),
  ]);
  const table = [['ID', 'KEY', 'NAME', 'STATE', 'MADE', 'SCOPES'], ...rows];
  const widths =
    table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function state(key: KeyAnswer): string {
  if (key.revoked_at !== null) return `revoked ${key.revoked_at}`;
  return key.expires_at === null ? 'live' : `ends ${key.expires_at}`;
}

/** A name that somebody chose, without what would move the terminal's cursor. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '?');
}
