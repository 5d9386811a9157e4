import { ANSWER, PIECE, PROMPT_TOKENS } from '../answer-text.ts';
import { namedEvent, type Wire } from './wire.ts';

const WHOLE_TOKENS = 48;

function message(text: string | null, outputTokens: number) {
  return {
    model: 'claude-haiku-4-5-20251001',
    id: 'msg_01XqWm7eVbN4tRk2cLz9PdYh',
    type: 'message',
    role: 'assistant',
    content: text === null ? [] : [{ type: 'text', text }],
    stop_reason: text === null ? null : 'end_turn',
    stop_sequence: null,
    usage: {
      input_tokens: PROMPT_TOKENS,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
      output_tokens: outputTokens,
      service_tier: 'standard',
    },
  };
}

/** https://platform.claude.com/docs/en/build-with-claude/streaming. Usage is in every stream, asked for or not. */
export const anthropicMessages: Wire = {
  headers: {
    'anthropic-organization-id': '00000000-0000-0000-0000-000000000000',
    'anthropic-ratelimit-requests-limit': '4000',
    'anthropic-ratelimit-requests-remaining': '3999',
    'request-id': 'req_011CUQvB7cKz3mXy5nPq8RtW',
  },
  whole: Buffer.from(JSON.stringify(message(ANSWER, WHOLE_TOKENS))),
  stream(pieces) {
    const piece = Buffer.from(
      namedEvent('content_block_delta', { index: 0, delta: { type: 'text_delta', text: PIECE } }),
    );
    return {
      head: Buffer.from(
        namedEvent('message_start', { message: message(null, 1) }) +
          namedEvent('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }) +
          namedEvent('ping', {}),
      ),
      piece: () => piece,
      tail: Buffer.from(
        namedEvent('content_block_stop', { index: 0 }) +
          namedEvent('message_delta', {
            delta: { stop_reason: 'end_turn', stop_sequence: null },
            usage: {
              input_tokens: PROMPT_TOKENS,
              cache_creation_input_tokens: 0,
              cache_read_input_tokens: 0,
              output_tokens: pieces,
            },
          }) +
          namedEvent('message_stop', {}),
      ),
    };
  },
};
