import type { WireFormat } from './conversation.ts';
import type { OpenAiQuirks } from './wire/openai-chat/quirks.ts';

/** Values by setting name (`OPENAI_API_KEY`, `AWS_REGION`, …): the platform's own, or those a tenant's key stands for. */
export type Settings = Readonly<Record<string, string | undefined>>;

/**
 * How a provider wants to be shown who calls. A header is the rule; no scheme puts a key into an address, where proxies and logs
 * would keep it.
 */
export type Authentication =
  | { readonly kind: 'none' }
  /** `Authorization: Bearer …` (RFC 6750). With `optional`, a server that runs without a key is called without one. */
  | { readonly kind: 'bearer'; readonly setting: string; readonly optional?: boolean }
  /** The key alone in a header of the provider's own. */
  | { readonly kind: 'header'; readonly header: string; readonly setting: string }
  /** AWS Signature Version 4, or a Bedrock API key (`bearerSetting`) when one is set. */
  | { readonly kind: 'aws'; readonly service: string; readonly bearerSetting: string }
  /** A Google service account's key file (JSON), exchanged for access tokens (RFC 7523). */
  | { readonly kind: 'google_service_account'; readonly setting: string };

/** How to see cheaply whether a provider works. */
export type HealthCheck =
  /** GET below the base of the default format, with the key; any 2xx will do. */
  | { readonly kind: 'get'; readonly path: string }
  /** GET this address, with the key; only when the address of the provider was not overridden. */
  | { readonly kind: 'get_url'; readonly url: string }
  /** There is no cheap authorized call: the server answers at all (below 500), asked without the key. */
  | { readonly kind: 'reach' };

/**
 * A provider, as a row of the table. Texts in braces (`{AWS_REGION}`) are settings. An address is `origin` followed by the path of the
 * wire format; an `origin` that already ends with that path does not get it twice.
 */
export interface ProviderDefinition {
  readonly id: string;
  readonly name: string;
  /** A text, or a function of the settings (defaults filled in) where braces cannot say it. */
  readonly origin: string | ((settings: Settings) => string);
  /** The setting that replaces `origin`: a proxy in front of the provider, or a test's server. */
  readonly originSetting: string;
  /** The format used unless `wireRules` or the model says otherwise. */
  readonly wire: WireFormat;
  /** The formats spoken, and where below the origin each one is. */
  readonly paths: Partial<Readonly<Record<WireFormat, string>>>;
  /** Models that are served in another format than `wire`, by the name the provider knows them by; the first match counts. */
  readonly wireRules?: readonly { readonly models: RegExp; readonly wire: WireFormat }[];
  /**
   * Formats that every model without a rule of its own is also spoken to in: a client's own format is then kept, and its body passed on as it
   * stands. Formats that only some of a provider's models know do not belong here.
   */
  readonly alsoSpeaks?: readonly WireFormat[];
  readonly authentication: Authentication;
  /** Values of settings that need not be set. */
  readonly defaults?: Readonly<Record<string, string>>;
  /** Further settings that are read when set. */
  readonly optionalSettings?: readonly string[];
  /** How its OpenAI formats differ from the plainest reading. */
  readonly quirks?: OpenAiQuirks;
  /** What an address or body of one of its formats needs besides. */
  readonly dialect?: 'azure' | 'vertex' | 'bedrock';
  /**
   * What one failing model says of the others: `provider` where all stand behind one service, `model` where each is a server of its
   * own (aggregators, self-hosted servers), so that a broken one does not close the way to the rest.
   */
  readonly breakerScope: 'provider' | 'model';
  /** GET `/models` unless said otherwise. */
  readonly check?: HealthCheck;
  /**
   * Whether the published terms of the provider's API let it train on what it is sent, by default. `unknown` where the terms leave it to the plan,
   * to whoever stands behind the provider, or where we have not found them; it counts as not allowed where a request says so.
   */
  readonly trainsOnInputs: 'yes' | 'no' | 'unknown';
  /** The provider's id in `@pydantic/genai-prices`; null where it knows none. */
  readonly pricesId: string | null;
  /** What works and what does not, where a reader would expect more. */
  readonly note?: string;
}
