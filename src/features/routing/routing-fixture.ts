/** Catalogs, models and requests for tests of this slice. */
import type { Principal } from '../../contracts/principal.ts';
import type { Config } from '../../platform/config.ts';
import { pricePerMillion } from '../../platform/money.ts';
import { type Catalog, loadCatalog, type Model } from '../catalog/index.ts';
import type { RoutingState } from './decision.ts';
import { type LearnedFigures, NO_CALLS, NOTHING_LEARNED } from './figures.ts';
import { knowledgeOf } from './knowledge.ts';
import type { RouteRequest } from './route.ts';
import { NOTHING_SET, type Rule, type TenantRouting } from './tenant-routing.ts';

/** Noon on a day of the bundled prices. */
export const NOON = Date.parse('2026-11-20T12:00:00Z');

export const PRINCIPAL: Principal = {
  tenantId: 'ten_1',
  userId: 'usr_1',
  role: 'owner',
  via: 'key',
  keyId: 'key_1',
  scopes: ['models'],
};

const KEYS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  openai: { OPENAI_API_KEY: 'k' },
  anthropic: { ANTHROPIC_API_KEY: 'k' },
  google: { GEMINI_API_KEY: 'k' },
  azure: { AZURE_OPENAI_API_KEY: 'k', AZURE_OPENAI_ENDPOINT: 'https://res.openai.azure.com/' },
  vertex_ai: { GOOGLE_SERVICE_ACCOUNT_JSON: '{}', VERTEX_PROJECT: 'proj' },
  openrouter: { OPENROUTER_API_KEY: 'k' },
  groq: { GROQ_API_KEY: 'k' },
  deepseek: { DEEPSEEK_API_KEY: 'k' },
  local: { LOCAL_MODELS_URL: 'http://127.0.0.1:4010' },
};

export function configWith(...providers: readonly string[]): Config {
  return {
    environment: 'test',
    publicUrl: undefined,
    keySigningSecret: '',
    operatorToken: undefined,
    vaultMasterKey: undefined,
    runRetentionDays: 30,
    usageRetentionDays: 400,
    usageSummaryRetentionDays: 3_650,
    requestsPerMinute: 6_000,
    tokensPerMinute: undefined,
    perspectivesPerHour: undefined,
    planLimits: false,
    concurrentRequests: 1_500,
    tenantCreditUsd: 0,
    catalogSync: false,
    stripe: undefined,
    mail: { from: undefined, resendApiKey: undefined, resendUrl: undefined },
    socialApps: { google: undefined, github: undefined, microsoft: undefined },
    providerSettings: Object.assign({}, ...providers.map((provider) => KEYS[provider])),
  };
}

/** A database that is away. */
export const NO_DATABASE = {
  DB: {
    prepare() {
      throw new Error('the database is away');
    },
  } as unknown as D1Database,
};

/** The bundled models of a deployment that has these providers' keys. */
export function catalogOf(...providers: readonly string[]): Promise<Catalog> {
  return loadCatalog(NO_DATABASE, configWith(...providers), { now: () => NOON });
}

/** A made-up model; `usd` are dollars per million tokens of input and output. */
export function modelOf(
  id: string,
  more: Partial<Omit<Model, 'prices'>> & { readonly usd?: readonly [number, number] | null } = {},
): Model {
  const { usd = [1, 4], ...rest } = more;
  return {
    id,
    provider: id.slice(0, id.indexOf('/')),
    upstreamName: id.slice(id.indexOf('/') + 1),
    name: id,
    description: null,
    tier: 'normal',
    category: 'chat',
    capabilities: ['tools', 'structured_output', 'vision', 'reasoning', 'streaming'],
    contextWindow: 200_000,
    maxOutputTokens: 32_000,
    prices: usd === null ? null : { input: pricePerMillion(usd[0]), output: pricePerMillion(usd[1]) },
    deprecated: false,
    hidden: false,
    aliases: [],
    created: 0,
    ...rest,
  };
}

export function requestFor(
  model: string,
  more: Partial<RouteRequest> & { readonly text?: string } = {},
): RouteRequest {
  const { text = 'Hello', ...rest } = more;
  return {
    model,
    models: [],
    features: {
      text,
      systemLength: 0,
      inputTokens: 100,
      hasImages: false,
      hasAudio: false,
      hasFiles: false,
      tools: 0,
      wantsJson: false,
      turns: 1,
    },
    needs: [],
    inputTokens: 100,
    maxOutputTokens: null,
    preferences: null,
    ...rest,
  };
}

export function ruleOf(id: string, more: Partial<Rule> = {}): Rule {
  return {
    id,
    name: id,
    enabled: true,
    priority: 100,
    conditions: {},
    target: { model: 'local/swift' },
    fallbacks: [],
    ...more,
  };
}

/** What a decision is made from; never explores unless the tenant says otherwise. */
export function stateOf(
  catalog: Catalog,
  more: {
    readonly tenant?: Partial<TenantRouting>;
    readonly learned?: LearnedFigures;
    readonly dice?: () => number;
  } = {},
): RoutingState {
  return {
    catalog,
    knowledge: knowledgeOf(catalog.candidates(), more.learned ?? NOTHING_LEARNED),
    tenant: { ...NOTHING_SET, exploration: 0, ...more.tenant },
    dice: more.dice ?? (() => 0.5),
  };
}

/** What many calls of a model have shown: latencies, and how many of a hundred succeeded. */
export function learnedOf(
  figures: Readonly<
    Record<
      string,
      {
        readonly firstTokenMs?: number;
        readonly msPerToken?: number;
        readonly ok?: number;
        readonly calls?: number;
      }
    >
  >,
): LearnedFigures {
  return new Map(
    Object.entries(figures).map(([id, { firstTokenMs = 800, msPerToken = 10, ok = 99, calls = 1_000 }]) => {
      const first = Math.log(firstTokenMs);
      const token = Math.log(msPerToken);
      const sums = {
        ...NO_CALLS,
        n: calls,
        ok: (calls * ok) / 100,
        firstN: calls,
        firstSum: calls * first,
        firstSq: calls * first * first,
        tokenN: calls,
        tokenSum: calls * token,
        tokenSq: calls * token * token,
      };
      return [id, { lasting: sums, recent: sums, output: new Map() }];
    }),
  );
}
