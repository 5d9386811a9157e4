import type { Capability, Category, Tier } from '../../contracts/models.ts';
import type { NanoPerMillion } from '../../platform/money.ts';
import type { WireFormat } from '../providers/index.ts';

/** Prices of one model at one time, nano-dollars per million tokens. Absent: not known. */
export interface Prices {
  readonly input?: NanoPerMillion;
  readonly cachedInput?: NanoPerMillion;
  readonly cacheWrite?: NanoPerMillion;
  readonly output?: NanoPerMillion;
  /** Reasoning tokens, where they cost other than output. */
  readonly reasoning?: NanoPerMillion;
  readonly audioInput?: NanoPerMillion;
  readonly audioOutput?: NanoPerMillion;
  /** Input that is both audio and read from the cache; as `cachedInput` where absent. */
  readonly cachedAudioInput?: NanoPerMillion;
  /** A fee a call, beside its tokens: nano-dollars per million calls. */
  readonly request?: NanoPerMillion;
  /** A call whose input is larger than `aboveInputTokens` is priced with these throughout; ascending. */
  readonly longContext?: readonly LongContextPrices[];
}

export interface LongContextPrices extends Omit<Prices, 'longContext'> {
  readonly aboveInputTokens: number;
}

/** A model as the catalog knows it. */
export interface Model {
  /** `provider/name`. */
  readonly id: string;
  readonly provider: string;
  /** The name the provider knows it by. */
  readonly upstreamName: string;
  readonly name: string;
  readonly description: string | null;
  readonly tier: Tier;
  readonly category: Category;
  readonly capabilities: readonly Capability[];
  /** Tokens; null where not known. */
  readonly contextWindow: number | null;
  readonly maxOutputTokens: number | null;
  /** Null where nothing is known. `{}`-like zero prices mean free (local models). */
  readonly prices: Prices | null;
  readonly deprecated: boolean;
  /** Never chosen by default (fault models of the local server). */
  readonly hidden: boolean;
  readonly aliases: readonly string[];
  readonly wire?: WireFormat;
  /** Unix seconds; 0 where not known. */
  readonly created: number;
}
