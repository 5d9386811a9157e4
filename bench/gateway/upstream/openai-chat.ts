import { ANSWER, PIECE, PROMPT_TOKENS } from '../answer-text.ts';
import { dataEvent, type Wire } from './wire.ts';

const ID = 'chatcmpl-CZ3bV0qLxT8mNnUa4kFh1sYwRdEoJ';
const MODEL = 'gpt-4o-mini-2024-07-18';
const CREATED = 1_793_000_000;
const WHOLE_TOKENS = 48;

function usage(completion: number) {
  return {
    prompt_tokens: PROMPT_TOKENS,
    completion_tokens: completion,
    total_tokens: PROMPT_TOKENS + completion,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

/** With usage asked for, every chunk says `usage: null` but the last, which has no choices. */
function chunk(
  choices: readonly unknown[],
  withUsage: boolean,
  counted: ReturnType<typeof usage> | null = null,
) {
  return dataEvent({
    id: ID,
    object: 'chat.completion.chunk',
    created: CREATED,
    model: MODEL,
    service_tier: 'default',
    system_fingerprint: 'fp_560af6e559',
    choices,
    ...(withUsage ? { usage: counted } : {}),
    obfuscation: 'q7Lw2Zt',
  });
}

function choice(delta: unknown, finish: string | null = null) {
  return { index: 0, delta, logprobs: null, finish_reason: finish };
}

/** https://platform.openai.com/docs/api-reference/chat */
export const openaiChat: Wire = {
  headers: {
    'openai-organization': 'bench',
    'openai-processing-ms': '12',
    'openai-version': '2020-10-01',
    'x-ratelimit-limit-requests': '30000',
    'x-ratelimit-remaining-requests': '29999',
    'x-ratelimit-reset-requests': '2ms',
    'x-request-id': 'req_0b1f6f0d8d1f4f5ab3a1c7d2e9f80a41',
  },
  whole: Buffer.from(
    JSON.stringify({
      id: ID,
      object: 'chat.completion',
      created: CREATED,
      model: MODEL,
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: ANSWER, refusal: null, annotations: [] },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: usage(WHOLE_TOKENS),
      service_tier: 'default',
      system_fingerprint: 'fp_560af6e559',
    }),
  ),
  stream(pieces, withUsage) {
    const piece = Buffer.from(chunk([choice({ content: PIECE })], withUsage));
    return {
      head: Buffer.from(chunk([choice({ role: 'assistant', content: '', refusal: null })], withUsage)),
      piece: () => piece,
      tail: Buffer.from(
        chunk([choice({}, 'stop')], withUsage) +
          (withUsage ? chunk([], true, usage(pieces)) : '') +
          dataEvent('[DONE]'),
      ),
    };
  },
};
