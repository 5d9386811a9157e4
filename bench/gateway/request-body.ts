import { promptFor } from './answer-text.ts';
import type { WireFormat } from './wire-format.ts';

const SYSTEM = 'You are a helpful assistant.';
const MAX_TOKENS = 4096;

/** The body of a request for so many pieces, streamed or whole, as a client of this format sends it. */
export function requestBody(format: WireFormat, model: string, pieces: number, stream: boolean): string {
  const prompt = { role: 'user', content: promptFor(pieces) };
  switch (format) {
    case 'openai-chat':
      return JSON.stringify({
        model,
        messages: [{ role: 'system', content: SYSTEM }, prompt],
        max_completion_tokens: MAX_TOKENS,
        ...(stream ? { stream, stream_options: { include_usage: true } } : {}),
      });
    case 'openai-responses':
      return JSON.stringify({
        model,
        instructions: SYSTEM,
        input: [prompt],
        max_output_tokens: MAX_TOKENS,
        store: false,
        ...(stream ? { stream } : {}),
      });
    case 'anthropic-messages':
      return JSON.stringify({
        model,
        system: SYSTEM,
        messages: [prompt],
        max_tokens: MAX_TOKENS,
        ...(stream ? { stream } : {}),
      });
  }
}
