/** The models that the server offers. */

/** How a model behaves: one of the three voices, and perhaps a fault. */
export interface LocalModel {
  name: string;
  title: string;
  description: string;
  voice: 'swift' | 'sage' | 'scribe';
  fault: 'rate-limited' | 'overloaded' | 'silent' | 'cut' | 'malformed' | 'refuses' | null;
  /** Milliseconds a token whatever the server's own delay is; null takes the server's. */
  tokenDelayMs: number | null;
  /** Factor on the server's token delay, so that three answers side by side do not march in step. */
  pace: number;
  chats: boolean;
  embeds: boolean;
}

/** Seconds since 1970 that stand where a provider writes a creation time: constant, so answers are deterministic. */
export const CREATED_AT = 1_767_225_600;

/** Tokens of context and of output that the model lists state. */
export const CONTEXT_TOKENS = 200_000;
export const OUTPUT_TOKENS = 32_000;

const answering = { fault: null, tokenDelayMs: null, pace: 1, chats: true, embeds: false } as const;
const failing = { voice: 'swift', tokenDelayMs: null, pace: 1, chats: true, embeds: true } as const;

const MODELS: readonly LocalModel[] = [
  {
    name: 'swift',
    title: 'Swift',
    description: 'Brief and practical.',
    voice: 'swift',
    ...answering,
    pace: 0.7,
  },
  {
    name: 'sage',
    title: 'Sage',
    description: 'Careful, with caveats.',
    voice: 'sage',
    ...answering,
    pace: 1.3,
  },
  {
    name: 'scribe',
    title: 'Scribe',
    description: 'Structured, with a short list.',
    voice: 'scribe',
    ...answering,
  },
  {
    name: 'rate-limited',
    title: 'Rate limited',
    description: 'Two 429s, then an answer.',
    ...failing,
    fault: 'rate-limited',
  },
  {
    name: 'overloaded',
    title: 'Overloaded',
    description: 'Always 503 (529 in the Anthropic format).',
    ...failing,
    fault: 'overloaded',
  },
  { name: 'silent', title: 'Silent', description: 'Never answers.', ...failing, fault: 'silent' },
  { name: 'cut', title: 'Cut', description: 'Drops the connection in the middle.', ...failing, fault: 'cut' },
  {
    name: 'malformed',
    title: 'Malformed',
    description: 'Sends broken JSON.',
    ...failing,
    fault: 'malformed',
  },
  {
    name: 'refuses',
    title: 'Refuses',
    description: 'Refuses for reasons of policy.',
    ...failing,
    fault: 'refuses',
  },
  { name: 'slow', title: 'Slow', description: '50 ms a token.', ...failing, fault: null, tokenDelayMs: 50 },
  {
    name: 'embed',
    title: 'Embed',
    description: 'Lexical embeddings.',
    ...answering,
    voice: 'swift',
    chats: false,
    embeds: true,
  },
];

const byName = new Map(MODELS.map((model) => [model.name, model]));

/** Every model, in the order of the lists. */
export function allModels(): readonly LocalModel[] {
  return MODELS;
}

/**
 * A model by its name, bare (`swift`) or as `local/swift` or `models/swift`; undefined when there is none. `swift@2` is `swift` too: another name
 * for the same model, for who keeps something by name.
 */
export function findModel(name: string): LocalModel | undefined {
  return byName.get(
    name
      .replace(/^models\//, '')
      .replace(/^local\//, '')
      .replace(/@[\w-]*$/, ''),
  );
}
