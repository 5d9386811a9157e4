import { z } from 'zod';

/** Settings, read and checked once an isolate. A wrong one stops the Worker with a sentence that names it. */
export interface Config {
  readonly environment: 'dev' | 'test' | 'production';
  /** The address people reach this deployment at, without a trailing slash; the request's own origin when unset. */
  readonly publicUrl: string | undefined;
  /** Signs API keys, so that a forged one is refused without a look-up. */
  readonly keySigningSecret: string;
  /** Wraps the keys that tenants' secrets are sealed with; without it nothing can be sealed. */
  readonly vaultMasterKey: string | undefined;
  /** Bearer of the operator's routes; they are closed when it is unset. */
  readonly operatorToken: string | undefined;
  /** Days a finished run is kept. */
  readonly runRetentionDays: number;
  /** Days that what calls used is kept one by one, and by the hour. */
  readonly usageRetentionDays: number;
  /** Days that it is kept summed up by the day: at least as long. */
  readonly usageSummaryRetentionDays: number;
  /** Requests a minute that one user may make of the models, refilled evenly, whatever their plan; undefined: as the plan says. */
  readonly requestsPerMinute: number | undefined;
  /** The same of tokens a minute, in and out. */
  readonly tokensPerMinute: number | undefined;
  /** The same of runs an hour. */
  readonly perspectivesPerHour: number | undefined;
  /** Whether a tenant's plan bounds it. Where not, everybody has what is had by agreement: the rates of the largest plan, and no quotas. */
  readonly planLimits: boolean;
  /** Requests that one user may have under way at once. */
  readonly concurrentRequests: number;
  /** The credit that each tenant begins with, dollars; undefined: as its plan says, once a person. */
  readonly tenantCreditUsd: number | undefined;
  /** Whether the catalog is refreshed from models.dev by cron. */
  readonly catalogSync: boolean;
  /** How mail is sent; see `src/platform/mail`. */
  readonly mail: {
    /** Sender, as `Name <address>`. */
    readonly from: string | undefined;
    readonly resendApiKey: string | undefined;
    /** Where Resend is, when it is not at its own address. */
    readonly resendUrl: string | undefined;
  };
  /** Applications at other services that people may sign in with. One without both halves is off. */
  readonly socialApps: Readonly<Record<'google' | 'github' | 'microsoft', SocialApp | undefined>>;
  /** Stripe; undefined where the deployment takes no payments. */
  readonly stripe: StripeSettings | undefined;
  /** Provider credentials and addresses by setting name (`OPENAI_API_KEY`, `LOCAL_MODELS_URL` …); unset ones are absent. */
  readonly providerSettings: Readonly<Record<string, string>>;
}

/** How Stripe is reached, and what is told to it. */
export interface StripeSettings {
  readonly secretKey: string;
  /** Secrets of the webhook endpoint, the newest first; all of them count, so that one can be replaced. */
  readonly webhookSecrets: readonly string[];
  /** Where Stripe is, for a stand-in on a local deployment. */
  readonly apiUrl: string | undefined;
  /** Whether Stripe works out and adds tax. */
  readonly tax: boolean;
}

/** An application at another service. */
export interface SocialApp {
  readonly clientId: string;
  readonly clientSecret: string;
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const WHERE =
  'Set it in .dev.vars (local) or with `wrangler secret put` / [vars] in wrangler.toml (deployed); see docs/configuration.md.';

const optionalText = z
  .string()
  .trim()
  .transform((text) => (text === '' ? undefined : text))
  .optional();

const days = (otherwise: number, least = 1) =>
  z.coerce
    .number({ error: 'must be a number of days' })
    .int({ error: 'must be a whole number of days' })
    .min(least, { error: `must be at least ${least}` })
    .max(3650, { error: 'must be at most 3650' })
    .default(otherwise);

/** What a tenant begins with where no plan says so, and nothing can be bought. */
const CREDIT_WITHOUT_PLANS_USD = 100;

/** Within this time what a queue gave up on is looked at and sent again; an event that comes back must still meet its row. */
const LEAST_USAGE_DAYS = 31;

const whole = (most: number) =>
  z.coerce
    .number({ error: 'must be a whole number' })
    .int({ error: 'must be a whole number' })
    .min(1, { error: 'must be at least 1' })
    .max(most, { error: `must be at most ${most}` });
const count = (otherwise: number, most: number) => whole(most).default(otherwise);
/** One that is empty is not set. */
const optionalCount = (most: number) =>
  z.preprocess((value) => (value === '' ? undefined : value), whole(most).optional());

const settingsSchema = z.object({
  ENVIRONMENT: z.enum(['dev', 'test', 'production'], { error: 'must be "dev", "test" or "production"' }),
  PUBLIC_URL: optionalText.pipe(
    z.url({ protocol: /^https?$/, error: 'must be an http(s) address' }).optional(),
  ),
  KEY_SIGNING_SECRET: z
    .string({ error: 'is missing' })
    .min(32, { error: 'must have at least 32 characters; make one with `openssl rand -base64 32`' }),
  OPERATOR_TOKEN: optionalText.pipe(
    z.string().min(32, { error: 'must have at least 32 characters' }).optional(),
  ),
  VAULT_MASTER_KEY: optionalText.pipe(
    z
      .string()
      .min(32, { error: 'must have at least 32 characters; make one with `openssl rand -base64 32`' })
      .optional(),
  ),
  RUN_RETENTION_DAYS: days(30),
  USAGE_RETENTION_DAYS: days(400, LEAST_USAGE_DAYS),
  USAGE_SUMMARY_RETENTION_DAYS: days(3650, LEAST_USAGE_DAYS),
  LIMIT_REQUESTS_PER_MINUTE: optionalCount(100_000_000),
  LIMIT_TOKENS_PER_MINUTE: optionalCount(100_000_000_000),
  LIMIT_PERSPECTIVES_PER_HOUR: optionalCount(100_000_000),
  PLAN_LIMITS: optionalText.pipe(z.enum(['on', 'off'], { error: 'must be "on" or "off"' }).optional()),
  LIMIT_CONCURRENT_REQUESTS: count(1_500, 1_000_000),
  TENANT_CREDIT_USD: z.preprocess(
    (value) => (value === '' ? undefined : value),
    z.coerce
      .number({ error: 'must be an amount of dollars' })
      .min(0, { error: 'must be an amount of dollars' })
      .max(1_000_000, { error: 'must be at most 1,000,000 dollars' })
      .optional(),
  ),
  MAIL_FROM: optionalText,
  RESEND_API_KEY: optionalText,
  RESEND_URL: optionalText.pipe(
    z.url({ protocol: /^https?$/, error: 'must be an http(s) address' }).optional(),
  ),
  GOOGLE_CLIENT_ID: optionalText,
  GOOGLE_CLIENT_SECRET: optionalText,
  GITHUB_CLIENT_ID: optionalText,
  GITHUB_CLIENT_SECRET: optionalText,
  MICROSOFT_CLIENT_ID: optionalText,
  MICROSOFT_CLIENT_SECRET: optionalText,
  STRIPE_SECRET_KEY: optionalText,
  STRIPE_WEBHOOK_SECRET: optionalText,
  STRIPE_API_URL: optionalText.pipe(
    z.url({ protocol: /^https?$/, error: 'must be an http(s) address' }).optional(),
  ),
  STRIPE_TAX: z.enum(['on', 'off'], { error: 'must be "on" or "off"' }).default('off'),
  CATALOG_SYNC: z.enum(['on', 'off'], { error: 'must be "on" or "off"' }).default('on'),
});

/**
 * Reads the settings out of a Worker's bindings. `providerSettingNames` are the names that the provider table knows.
 * Throws `ConfigError` with one line a fault: the setting's name, what is wrong and where to set it.
 */
export function readConfig(bindings: object, providerSettingNames: readonly string[]): Config {
  const values = bindings as Readonly<Record<string, unknown>>;
  const parsed = settingsSchema.safeParse(values);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}. ${WHERE}`);
    throw new ConfigError(`Parallax cannot start:\n${faults.join('\n')}`);
  }
  const settings = parsed.data;
  // A deployment that sells no plans has nothing to bound its tenants by.
  const planLimits =
    (settings.PLAN_LIMITS ?? (settings.STRIPE_SECRET_KEY === undefined ? 'off' : 'on')) === 'on';
  const providerSettings: Record<string, string> = {};
  for (const name of providerSettingNames) {
    const value = values[name];
    if (typeof value === 'string' && value.trim() !== '') providerSettings[name] = value.trim();
  }
  return {
    environment: settings.ENVIRONMENT,
    publicUrl: settings.PUBLIC_URL?.replace(/\/+$/, ''),
    keySigningSecret: settings.KEY_SIGNING_SECRET,
    vaultMasterKey: settings.VAULT_MASTER_KEY,
    operatorToken: settings.OPERATOR_TOKEN,
    runRetentionDays: settings.RUN_RETENTION_DAYS,
    usageRetentionDays: settings.USAGE_RETENTION_DAYS,
    usageSummaryRetentionDays: Math.max(settings.USAGE_SUMMARY_RETENTION_DAYS, settings.USAGE_RETENTION_DAYS),
    requestsPerMinute: settings.LIMIT_REQUESTS_PER_MINUTE,
    tokensPerMinute: settings.LIMIT_TOKENS_PER_MINUTE,
    perspectivesPerHour: settings.LIMIT_PERSPECTIVES_PER_HOUR,
    planLimits,
    concurrentRequests: settings.LIMIT_CONCURRENT_REQUESTS,
    tenantCreditUsd: settings.TENANT_CREDIT_USD ?? (planLimits ? undefined : CREDIT_WITHOUT_PLANS_USD),
    catalogSync: settings.CATALOG_SYNC === 'on',
    mail: {
      from: settings.MAIL_FROM,
      resendApiKey: settings.RESEND_API_KEY,
      resendUrl: settings.RESEND_URL?.replace(/\/+$/, ''),
    },
    socialApps: {
      google: socialApp(settings.GOOGLE_CLIENT_ID, settings.GOOGLE_CLIENT_SECRET),
      github: socialApp(settings.GITHUB_CLIENT_ID, settings.GITHUB_CLIENT_SECRET),
      microsoft: socialApp(settings.MICROSOFT_CLIENT_ID, settings.MICROSOFT_CLIENT_SECRET),
    },
    stripe: stripeSettings(settings),
    providerSettings,
  };
}

/** Stripe's settings belong together: payments that no webhook reports would be taken and never credited. */
function stripeSettings(settings: z.output<typeof settingsSchema>): StripeSettings | undefined {
  const { STRIPE_SECRET_KEY: secretKey, STRIPE_WEBHOOK_SECRET: secrets, STRIPE_API_URL: apiUrl } = settings;
  if (apiUrl !== undefined && settings.ENVIRONMENT === 'production')
    throw new ConfigError(
      'Parallax cannot start:\nSTRIPE_API_URL is for local deployments: money must not go to a stand-in.',
    );
  if (secretKey === undefined && secrets === undefined) return undefined;
  const webhookSecrets = (secrets ?? '').split(/[\s,]+/).filter((secret) => secret !== '');
  if (secretKey === undefined || webhookSecrets.length === 0)
    throw new ConfigError(
      `Parallax cannot start:\nSTRIPE_${secretKey === undefined ? 'SECRET_KEY' : 'WEBHOOK_SECRET'} is missing while the other is there. ${WHERE}`,
    );
  return {
    secretKey,
    webhookSecrets,
    apiUrl: apiUrl?.replace(/\/+$/, ''),
    tax: settings.STRIPE_TAX === 'on',
  };
}

function socialApp(clientId: string | undefined, clientSecret: string | undefined): SocialApp | undefined {
  return clientId === undefined || clientSecret === undefined ? undefined : { clientId, clientSecret };
}
