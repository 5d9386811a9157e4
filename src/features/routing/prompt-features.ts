/** What the router looks at of a request: enough to tell its task and its size, and nothing that it would have to copy. */
export interface PromptFeatures {
  /** What the person wrote last; empty when the last turn holds no text. */
  readonly text: string;
  /** Characters of system text. */
  readonly systemLength: number;
  /** Tokens of the whole input, as far as they can be told beforehand. */
  readonly inputTokens: number;
  readonly hasImages: boolean;
  readonly hasAudio: boolean;
  readonly hasFiles: boolean;
  /** How many tools the request offers. */
  readonly tools: number;
  /** Whether it asks for JSON, with a schema or without. */
  readonly wantsJson: boolean;
  /** Turns of the conversation, the last one included; system texts do not count. */
  readonly turns: number;
}
