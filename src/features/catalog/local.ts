import { pricePerMillion } from '../../platform/money.ts';
import type { Model, Prices } from './model.ts';

/** Nothing is charged for what runs on one's own machine. An operator's row may price such a model all the same. */
export const NO_CHARGE: Prices = { input: pricePerMillion(0), output: pricePerMillion(0) };

interface LocalRow
  extends Pick<Model, 'name' | 'description'>,
    Partial<Pick<Model, 'tier' | 'category' | 'wire' | 'hidden' | 'capabilities'>> {
  readonly upstreamName: string;
}

const CHAT = ['tools', 'structured_output', 'vision', 'files', 'streaming'] as const;

/** The stand-ins of the local model server: one a wire format, one a fault, one for embeddings. */
const LOCAL_ROWS: readonly LocalRow[] = [
  {
    upstreamName: 'swift',
    name: 'Swift',
    description: 'A local stand-in: brief and practical.',
    tier: 'normal',
    wire: 'openai-chat',
  },
  {
    upstreamName: 'sage',
    name: 'Sage',
    description: 'A local stand-in: careful, with caveats.',
    tier: 'premium',
    wire: 'anthropic-messages',
  },
  {
    upstreamName: 'scribe',
    name: 'Scribe',
    description: 'A local stand-in: structured, with a short list.',
    tier: 'eco',
    wire: 'gemini',
  },
  {
    upstreamName: 'rate-limited',
    name: 'Rate limited',
    description: 'Answers 429 twice, then answers.',
    hidden: true,
  },
  { upstreamName: 'overloaded', name: 'Overloaded', description: 'Always answers 503.', hidden: true },
  { upstreamName: 'silent', name: 'Silent', description: 'Never answers.', hidden: true },
  {
    upstreamName: 'cut',
    name: 'Cut',
    description: 'Drops the connection in the middle of its answer.',
    hidden: true,
  },
  { upstreamName: 'malformed', name: 'Malformed', description: 'Answers broken JSON.', hidden: true },
  {
    upstreamName: 'refuses',
    name: 'Refuses',
    description: 'Refuses, as a content policy would.',
    hidden: true,
  },
  { upstreamName: 'slow', name: 'Slow', description: 'Takes 50 ms a token.', hidden: true },
  {
    upstreamName: 'embed',
    name: 'Embed',
    description: 'Local lexical embeddings.',
    category: 'embedding',
    capabilities: [],
  },
];

/** Tokens of context and of answer that the local server states. */
const LOCAL_CONTEXT_WINDOW = 200_000;
const LOCAL_MAX_OUTPUT_TOKENS = 32_000;
/** 2026-01-01, as its model lists say. */
const LOCAL_CREATED = 1_767_225_600;

/** The models of the local server. They are listed whether it runs or not; whether they are available the provider's setting says. */
export const LOCAL_MODELS: readonly Model[] = LOCAL_ROWS.map((row) => ({
  id: `local/${row.upstreamName}`,
  provider: 'local',
  upstreamName: row.upstreamName,
  name: row.name,
  description: row.description,
  tier: row.tier ?? 'normal',
  category: row.category ?? 'chat',
  capabilities: row.capabilities ?? CHAT,
  contextWindow: LOCAL_CONTEXT_WINDOW,
  maxOutputTokens: LOCAL_MAX_OUTPUT_TOKENS,
  prices: NO_CHARGE,
  deprecated: false,
  hidden: row.hidden ?? false,
  aliases: [],
  wire: row.category === 'embedding' ? undefined : (row.wire ?? 'openai-chat'),
  created: LOCAL_CREATED,
}));
