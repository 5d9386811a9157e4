import type { ContenderName } from './gateway/contender.ts';

export const PARTS = ['whole', 'streams', 'run'] as const;
export type Part = (typeof PARTS)[number];

const CONTENDERS: readonly ContenderName[] = ['bare', 'stage', 'ours', 'portkey'];

/** What the environment asks of `npm run bench`; bench/README.md says what each is. */
export interface BenchOptions {
  readonly rounds: number;
  readonly only: readonly Part[];
  readonly contenders: readonly ContenderName[];
  /** Whole answers: connections at once, and requests in a round over all of them. */
  readonly connections: number;
  readonly requests: number;
  /** Whole answers: how many tenants ask in turns, in a row of its own. */
  readonly tenants: number;
  /** Streams: how many at once (each measured), chunks of each, milliseconds between two. */
  readonly streams: readonly number[];
  readonly chunks: number;
  readonly delayMs: number;
  /** Further settings of ours: `NAME=value`, separated by spaces. */
  readonly settings: Readonly<Record<string, string>>;
  /** Whether the usage queue is consumed in the measured process, as Miniflare does it; where it is deployed, another invocation does. */
  readonly consumer: boolean;
}

/** Throws a sentence that names the variable that is wrong. */
export function benchOptions(env: NodeJS.ProcessEnv): BenchOptions {
  return {
    rounds: count(env, 'ROUNDS', '5')[0] ?? 0,
    only: choice(env, 'ONLY', PARTS, PARTS),
    contenders: choice(env, 'CONTENDERS', CONTENDERS, ['bare', 'ours', 'portkey']),
    connections: count(env, 'CONNECTIONS', '32')[0] ?? 0,
    requests: count(env, 'REQUESTS', '6000')[0] ?? 0,
    tenants: count(env, 'TENANTS', '200')[0] ?? 0,
    streams: count(env, 'STREAMS', '8,32'),
    chunks: count(env, 'CHUNKS', '1200')[0] ?? 0,
    delayMs: count(env, 'DELAY_MS', '2')[0] ?? 0,
    settings: settings(env.OURS_SETTINGS ?? ''),
    consumer: env.CONSUMER !== 'off',
  };
}

function list(text: string): string[] {
  return text.split(/[\s,]+/).filter((part) => part !== '');
}

function count(env: NodeJS.ProcessEnv, name: string, otherwise: string): number[] {
  const values = list(env[name] ?? otherwise).map(Number);
  if (values.length === 0 || values.some((value) => !Number.isInteger(value) || value < 1)) {
    throw new Error(`${name} must be whole numbers above 0, not "${env[name]}"`);
  }
  return values;
}

function choice<Name extends string>(
  env: NodeJS.ProcessEnv,
  name: string,
  known: readonly Name[],
  otherwise: readonly Name[],
): readonly Name[] {
  if (env[name] === undefined) return otherwise;
  const chosen = list(env[name]);
  const unknown = chosen.find((each) => !(known as readonly string[]).includes(each));
  if (unknown !== undefined) throw new Error(`${name} may be of ${known.join(', ')}, not "${unknown}"`);
  return known.filter((each) => chosen.includes(each));
}

function settings(text: string): Record<string, string> {
  const pairs = text.split(/\s+/).filter((pair) => pair !== '');
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new Error(`OURS_SETTINGS must be NAME=value, not "${pair}"`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}
