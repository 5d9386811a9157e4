import { ANSWER, PIECE, PROMPT_TOKENS } from '../answer-text.ts';
import { namedEvent, type Wire } from './wire.ts';

const ID = 'resp_0c9a1f5e6b7d48f20068f1a2b3c4d5e6f708192a3b4c5d6e7f';
const ITEM = 'msg_0c9a1f5e6b7d48f20068f1a2b3c5e7f9a1b3c5d7e9f1a2b3c4';
const WHOLE_TOKENS = 48;
/** Events before the first piece of text. */
const HEAD_EVENTS = 4;

function part(text: string) {
  return { type: 'output_text', annotations: [], logprobs: [], text };
}

function item(text: string | null) {
  return {
    id: ITEM,
    type: 'message',
    status: text === null ? 'in_progress' : 'completed',
    content: text === null ? [] : [part(text)],
    role: 'assistant',
  };
}

function response(text: string | null, outputTokens: number) {
  return {
    id: ID,
    object: 'response',
    created_at: 1_793_000_000,
    status: text === null ? 'in_progress' : 'completed',
    background: false,
    error: null,
    incomplete_details: null,
    instructions: 'You are a helpful assistant.',
    max_output_tokens: 4096,
    model: 'gpt-4o-mini-2024-07-18',
    output: text === null ? [] : [item(text)],
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    service_tier: text === null ? 'auto' : 'default',
    store: false,
    temperature: 1,
    text: { format: { type: 'text' }, verbosity: 'medium' },
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    truncation: 'disabled',
    usage:
      text === null
        ? null
        : {
            input_tokens: PROMPT_TOKENS,
            input_tokens_details: { cached_tokens: 0 },
            output_tokens: outputTokens,
            output_tokens_details: { reasoning_tokens: 0 },
            total_tokens: PROMPT_TOKENS + outputTokens,
          },
    user: null,
    metadata: {},
  };
}

function event(sequence: number, type: string, fields: Readonly<Record<string, unknown>>): string {
  return namedEvent(type, { sequence_number: sequence, ...fields });
}

/** https://platform.openai.com/docs/api-reference/responses-streaming */
export const openaiResponses: Wire = {
  headers: {
    'openai-organization': 'bench',
    'openai-processing-ms': '12',
    'openai-version': '2020-10-01',
    'x-request-id': 'req_5d1e8a7b3c2f4e6d9a0b1c2d3e4f5a6b',
  },
  whole: Buffer.from(JSON.stringify(response(ANSWER, WHOLE_TOKENS))),
  stream(pieces) {
    const text = PIECE.repeat(pieces);
    const place = { item_id: ITEM, output_index: 0, content_index: 0 };
    const after = HEAD_EVENTS + pieces;
    // Each piece has its number: it is put between two halves made once.
    const [before = '', behind = ''] = event(0, 'response.output_text.delta', {
      ...place,
      delta: PIECE,
      logprobs: [],
      obfuscation: 'q7Lw2ZtXk4a',
    }).split('"sequence_number":0');
    return {
      head: Buffer.from(
        event(0, 'response.created', { response: response(null, 0) }) +
          event(1, 'response.in_progress', { response: response(null, 0) }) +
          event(2, 'response.output_item.added', { output_index: 0, item: item(null) }) +
          event(3, 'response.content_part.added', { ...place, part: part('') }),
      ),
      piece: (index) => Buffer.from(`${before}"sequence_number":${HEAD_EVENTS + index}${behind}`),
      tail: Buffer.from(
        event(after, 'response.output_text.done', { ...place, text, logprobs: [] }) +
          event(after + 1, 'response.content_part.done', { ...place, part: part(text) }) +
          event(after + 2, 'response.output_item.done', { output_index: 0, item: item(text) }) +
          event(after + 3, 'response.completed', { response: response(text, pieces) }),
      ),
    };
  },
};
