import { parseArgs } from 'node:util';

/** What a command line asks for. */
export type OperatorCommand =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'call';
      readonly command: CommandName;
      readonly method: 'GET' | 'POST' | 'DELETE';
      readonly path: string;
      readonly body?: Readonly<Record<string, unknown>>;
      /** As given; where they come from otherwise is the caller's matter. */
      readonly url: string | undefined;
      readonly token: string | undefined;
      readonly json: boolean;
      /** Again while the answer says that something remains. */
      readonly all: boolean;
    };

export type CommandName =
  | 'create-tenant'
  | 'create-key'
  | 'list-keys'
  | 'revoke-key'
  | 'dead-letters'
  | 'replay-dead-letters'
  | 'rewrap-vault'
  | 'rebuild-usage'
  | 'reconcile'
  | 'differences'
  | 'plan';

/** A command line that cannot be carried out; the message says what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const HELP = `Usage: npm run operator -- <command> [options]

Commands
  create-tenant --name <name> --email <address> [--key-name <name>]
      Makes a tenant, its owner and a first API key.
  create-key --tenant <id> --name <name> [--kind secret|publishable] [--scopes <a,b>] [--expires-at <ISO 8601>]
             [--allowed-origins <https://a.example,…>]
      Makes an API key for the tenant's owner. A publishable one names the pages that it works on.
  list-keys --tenant <id>
      Lists the tenant's API keys, newest first, without their texts.
  revoke-key --tenant <id> --key <id>
      Revokes an API key; it stops working within five seconds.
  dead-letters [--queue usage|audit|stripe|ledger]
      Lists messages that a queue gave up on: usage that is not counted yet, unless another queue is named.
  replay-dead-letters [--queue usage|audit|stripe|ledger]
      Sends up to 50 of them to their queue again. Each is counted once, however often it is sent.
  rebuild-usage --day <YYYY-MM-DD> [--tenant <id>]
      Makes the day's sums of usage anew from its calls, for up to 20 tenants or for one. Says whose differed.
  reconcile [--tenant <id> [--mirror-anew]] [--from <time>] [--to <time>]
      Compares ledgers with their mirror, usage and payments; of all tenants unless one is named. Ends with 1 where anything
      differs. --mirror-anew first has the tenant's mirror written anew.
  differences [--tenant <id>]
      Lists what differs and has not been resolved.
  plan --tenant <id> [--plan pro|team|enterprise|none --reason <text> [--seats <n>] [--ends-at <ISO 8601>]]
      Puts a tenant on a plan by agreement, at once and until it ends, whatever its subscription says; \`none\` ends that.
      Without --plan it says which plan the tenant is on, and why.
  rewrap-vault
      Brings up to 200 tenants' data keys under the current VAULT_MASTER_KEY. \`npm run vault:rotate\` repeats it to the end.

Options
  --url <address>   The deployment. Default: the local server of \`npm run dev\`, or http://localhost:8787.
  --token <token>   The deployment's OPERATOR_TOKEN. Others on this machine can see a command line: the environment
                    variable OPERATOR_TOKEN is better. Default for a local address: the token of \`npm run dev\`.
  --all             Repeats replay-dead-letters, rebuild-usage, reconcile and rewrap-vault until nothing remains.
  --json            Prints the server's answer as JSON.
  --help            Prints this.

A key's text is printed once and cannot be had again.
Exit status: 0 done, 1 refused or failed, 2 wrong command line.
`;

const OPTIONS = {
  name: { type: 'string' },
  email: { type: 'string' },
  'key-name': { type: 'string' },
  tenant: { type: 'string' },
  day: { type: 'string' },
  queue: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  'mirror-anew': { type: 'boolean' },
  key: { type: 'string' },
  kind: { type: 'string' },
  scopes: { type: 'string' },
  'expires-at': { type: 'string' },
  plan: { type: 'string' },
  seats: { type: 'string' },
  'ends-at': { type: 'string' },
  reason: { type: 'string' },
  'allowed-origins': { type: 'string' },
  url: { type: 'string' },
  token: { type: 'string' },
  json: { type: 'boolean' },
  all: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

type OptionName = keyof typeof OPTIONS;

/** Which options each command takes, needed ones first. */
const COMMANDS: Readonly<
  Record<CommandName, { needs: readonly OptionName[]; takes: readonly OptionName[] }>
> = {
  'create-tenant': { needs: ['name', 'email'], takes: ['key-name'] },
  'create-key': { needs: ['tenant', 'name'], takes: ['kind', 'scopes', 'expires-at', 'allowed-origins'] },
  'list-keys': { needs: ['tenant'], takes: [] },
  'revoke-key': { needs: ['tenant', 'key'], takes: [] },
  'dead-letters': { needs: [], takes: ['queue'] },
  'replay-dead-letters': { needs: [], takes: ['queue', 'all'] },
  'rewrap-vault': { needs: [], takes: ['all'] },
  'rebuild-usage': { needs: ['day'], takes: ['tenant', 'all'] },
  reconcile: { needs: [], takes: ['tenant', 'from', 'to', 'mirror-anew', 'all'] },
  differences: { needs: [], takes: ['tenant'] },
  plan: { needs: ['tenant'], takes: ['plan', 'seats', 'ends-at', 'reason'] },
};

const COMMON: readonly OptionName[] = ['url', 'token', 'json', 'help'];

/** Reads a command line. Throws `UsageError`. */
export function readOperatorCommand(argv: readonly string[]): OperatorCommand {
  const { values, positionals } = parse(argv);
  const [command, ...rest] = positionals;
  if (values.help === true || command === 'help') return { kind: 'help' };
  if (command === undefined) throw new UsageError('Which command? See --help.');
  if (!isCommand(command)) {
    throw new UsageError(`There is no command "${command}"; there are ${Object.keys(COMMANDS).join(', ')}.`);
  }
  if (rest[0] !== undefined) {
    throw new UsageError(`"${rest[0]}" is one word too many. Put a value with spaces into quotes.`);
  }
  const { needs, takes } = COMMANDS[command];
  for (const name of Object.keys(values) as OptionName[]) {
    if (![...needs, ...takes, ...COMMON].includes(name))
      throw new UsageError(`${command} takes no --${name}.`);
  }
  const given = (name: OptionName): string | undefined => {
    const value = values[name];
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
  };
  const needed = (name: OptionName): string => {
    const value = given(name);
    if (value === undefined) throw new UsageError(`${command} needs --${name}.`);
    return value;
  };
  for (const name of needs) needed(name);
  const keys = () => `/v1/operator/tenants/${encodeURIComponent(needed('tenant'))}/api-keys`;
  const common = {
    kind: 'call',
    command,
    url: given('url'),
    token: given('token'),
    json: values.json === true,
    all: values.all === true,
  } as const;
  switch (command) {
    case 'create-tenant': {
      const body = compact({ name: needed('name'), email: needed('email'), key_name: given('key-name') });
      return { ...common, method: 'POST', path: '/v1/operator/tenants', body };
    }
    case 'create-key': {
      const listOf = (option: 'scopes' | 'allowed-origins') =>
        given(option)
          ?.split(',')
          .map((item) => item.trim());
      const body = compact({
        name: needed('name'),
        kind: given('kind'),
        scopes: listOf('scopes'),
        expires_at: given('expires-at'),
        allowed_origins: listOf('allowed-origins'),
      });
      return { ...common, method: 'POST', path: keys(), body };
    }
    case 'list-keys':
      return { ...common, method: 'GET', path: keys() };
    case 'revoke-key':
      return { ...common, method: 'DELETE', path: `${keys()}/${encodeURIComponent(needed('key'))}` };
    case 'dead-letters': {
      const queue = given('queue');
      const which = queue === undefined ? '' : `?queue=${encodeURIComponent(queue)}`;
      return { ...common, method: 'GET', path: `/v1/operator/dead-letters${which}` };
    }
    case 'replay-dead-letters': {
      const body = compact({ queue: given('queue') });
      return { ...common, method: 'POST', path: '/v1/operator/dead-letters/replay', body };
    }
    case 'rebuild-usage': {
      const body = compact({ day: needed('day'), tenant_id: given('tenant') });
      return { ...common, method: 'POST', path: '/v1/operator/usage/rebuild', body };
    }
    case 'reconcile': {
      const body = compact({
        tenant_id: given('tenant'),
        from: given('from'),
        to: given('to'),
        mirror_anew: values['mirror-anew'] === true ? true : undefined,
      });
      return { ...common, method: 'POST', path: '/v1/operator/reconcile', body };
    }
    case 'differences': {
      const tenant = given('tenant');
      const which = tenant === undefined ? '' : `?tenant_id=${encodeURIComponent(tenant)}`;
      return { ...common, method: 'GET', path: `/v1/operator/reconcile${which}` };
    }
    case 'plan': {
      const path = `/v1/operator/tenants/${encodeURIComponent(needed('tenant'))}/plan`;
      const plan = given('plan');
      if (plan === undefined) {
        const extra = (['seats', 'ends-at', 'reason'] as const).find((name) => given(name) !== undefined);
        if (extra !== undefined) throw new UsageError(`--${extra} goes with --plan.`);
        return { ...common, method: 'GET', path };
      }
      const seats = given('seats');
      if (seats !== undefined && !/^\d{1,6}$/.test(seats))
        throw new UsageError('--seats must be a whole number.');
      const body = {
        plan: plan === 'none' ? null : plan,
        reason: needed('reason'),
        ...compact({ seats: seats === undefined ? undefined : Number(seats), ends_at: given('ends-at') }),
      };
      return { ...common, method: 'POST', path, body };
    }
    case 'rewrap-vault':
      return { ...common, method: 'POST', path: '/v1/operator/vault/rewrap', body: {} };
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    // parseArgs explains itself in its message; anything that is not its complaint is a defect.
    if (error instanceof TypeError) throw new UsageError(error.message);
    throw error;
  }
}

function isCommand(text: string): text is CommandName {
  return Object.hasOwn(COMMANDS, text);
}

function compact(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}

/**
 * The address to call. Throws `UsageError` for one that is none, and for an unencrypted one on another machine: the operator's
 * token opens every tenant.
 */
export function operatorUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new UsageError(`--url: "${text}" is not an http(s) address.`);
  if (url.protocol === 'http:' && !isLocal(url)) {
    throw new UsageError('--url: use https; the operator’s token must not travel unencrypted.');
  }
  return url;
}

/** Whether an address is this very machine. */
export function isLocal(url: URL): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
}
