import { type Parallax, startParallax } from '../parallax.ts';
import { type Contender, keyHeaders, UPSTREAM_MODELS } from './contender.ts';
import type { WireFormat } from './wire-format.ts';

const PROVIDERS: Readonly<Record<WireFormat, string>> = {
  'openai-chat': 'openai',
  'openai-responses': 'openai',
  'anthropic-messages': 'anthropic',
};

/**
 * Settings without which one key could not ask as fast as it is measured here. They raise limits; they switch nothing off that a
 * request pays for.
 */
const RAISED_LIMITS: Readonly<Record<string, string>> = {
  LIMIT_REQUESTS_PER_MINUTE: '10000000',
  LIMIT_TOKENS_PER_MINUTE: '10000000000',
  LIMIT_CONCURRENT_REQUESTS: '100000',
  TENANT_CREDIT_USD: '100000',
};

export interface Ours extends Contender {
  readonly inspectorUrl: string | undefined;
}

/** Parallax as it is deployed, with its two providers where the upstream is. */
export async function startOurs(
  upstreamUrl: string,
  settings: Readonly<Record<string, string>>,
  { inspect = false, consumer = true, tenants = 0 } = {},
): Promise<Ours> {
  const parallax = await startParallax({
    settings: {
      OPENAI_BASE_URL: `${upstreamUrl}/v1`,
      OPENAI_API_KEY: 'sk-bench',
      ANTHROPIC_BASE_URL: upstreamUrl,
      ANTHROPIC_API_KEY: 'sk-ant-bench',
      ...RAISED_LIMITS,
      ...settings,
    },
    inspect,
    consumer,
  });
  const crowd = await parallax.keys(tenants);
  return {
    name: 'ours',
    url: parallax.url,
    pid: parallax.pid,
    headers: (asked) => keyHeaders(asked, parallax.key),
    crowd: crowd.map((key) => keyHeaders('openai-chat', key)),
    model: (upstream) => `${PROVIDERS[upstream]}/${UPSTREAM_MODELS[upstream]}`,
    inspectorUrl: inspect ? await inspectorUrlOf(parallax) : undefined,
    stop: () => parallax.dispose(),
  };
}

async function inspectorUrlOf({ miniflare, name }: Parallax): Promise<string> {
  return new URL(`/core:user:${name}`, await miniflare.getInspectorURL()).href;
}
