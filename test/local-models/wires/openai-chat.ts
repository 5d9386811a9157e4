/** Writes OpenAI chat completions. https://platform.openai.com/docs/api-reference/chat/object and /chat/streaming */
import { type Answer, type JsonObject, joined, type Reply, type Usage } from '../ask.ts';
import { idFrom } from '../digest.ts';
import { CREATED_AT } from '../models.ts';
import { openaiFault } from './openai-fault.ts';
import { SSE_TYPE, sseFrame, type Wire, type WireEvent } from './wire.ts';

const FINISH = {
  stop: 'stop',
  stop_sequence: 'stop',
  length: 'length',
  calls: 'tool_calls',
  refusal: 'stop',
} as const;

function usageOf(usage: Usage): JsonObject {
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cachedRead, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

function head(reply: Reply, object: string): JsonObject {
  return {
    id: `chatcmpl-${idFrom(reply.hash, 29)}`,
    object,
    created: CREATED_AT,
    model: reply.ask.model,
    service_tier: 'default',
    system_fingerprint: `fp_${reply.hash.slice(0, 10)}`,
  };
}

function message(answer: Answer): JsonObject {
  const text = joined(answer, 'text');
  const refusal = joined(answer, 'refusal');
  const reasoning = answer.parts
    .flatMap((part) => (part.kind === 'reasoning' && part.shown ? part.pieces : []))
    .join('');
  const calls = answer.parts.flatMap((part) =>
    part.kind === 'call'
      ? [{ id: part.id, type: 'function', function: { name: part.name, arguments: part.pieces.join('') } }]
      : [],
  );
  const hasText = answer.parts.some((part) => part.kind === 'text');
  return {
    role: 'assistant',
    content: hasText || (calls.length === 0 && refusal === '') ? text : null,
    refusal: refusal === '' ? null : refusal,
    annotations: [],
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

/** The deltas of one choice. `piece` is false for those that carry no token. */
function* deltas(answer: Answer): Generator<{ delta: JsonObject; finish: string | null; piece: boolean }> {
  yield {
    delta: { role: 'assistant', content: answer.finish === 'calls' ? null : '', refusal: null },
    finish: null,
    piece: false,
  };
  let index = -1;
  for (const part of answer.parts) {
    if (part.kind === 'reasoning' && !part.shown) continue;
    if (part.kind === 'call') {
      index++;
      yield {
        delta: {
          tool_calls: [
            { index, id: part.id, type: 'function', function: { name: part.name, arguments: '' } },
          ],
        },
        finish: null,
        piece: false,
      };
    }
    for (const piece of part.pieces) {
      if (part.kind === 'text') yield { delta: { content: piece }, finish: null, piece: true };
      else if (part.kind === 'refusal') yield { delta: { refusal: piece }, finish: null, piece: true };
      else if (part.kind === 'reasoning')
        yield { delta: { reasoning_content: piece }, finish: null, piece: true };
      else
        yield {
          delta: { tool_calls: [{ index, function: { arguments: piece } }] },
          finish: null,
          piece: true,
        };
    }
  }
  yield { delta: {}, finish: FINISH[answer.finish], piece: false };
}

function* events(reply: Reply): Generator<WireEvent> {
  const common = head(reply, 'chat.completion.chunk');
  const noUsage = reply.ask.streamUsage ? { usage: null } : {};
  // Choices come interleaved, a delta each, as the real API sends them.
  let open = reply.answers.map((answer, index) => ({ index, deltas: deltas(answer) }));
  while (open.length > 0) {
    const still: typeof open = [];
    for (const choice of open) {
      const next = choice.deltas.next();
      if (next.done === true) continue;
      still.push(choice);
      const { delta, finish, piece } = next.value;
      const choices = [{ index: choice.index, delta, logprobs: null, finish_reason: finish }];
      yield { name: null, data: JSON.stringify({ ...common, choices, ...noUsage }), piece };
    }
    open = still;
  }
  if (reply.ask.streamUsage)
    yield {
      name: null,
      data: JSON.stringify({ ...common, choices: [], usage: usageOf(reply.usage) }),
      piece: false,
    };
  yield { name: null, data: '[DONE]', piece: false };
}

export const openaiChat: Wire = {
  whole: (reply) => ({
    ...head(reply, 'chat.completion'),
    choices: reply.answers.map((answer, index) => ({
      index,
      message: message(answer),
      logprobs: null,
      finish_reason: FINISH[answer.finish],
    })),
    usage: usageOf(reply.usage),
  }),
  events,
  frame: sseFrame,
  end: () => '',
  streamType: () => SSE_TYPE,
  faultBody: openaiFault,
  faultEvent: (fault) => ({ name: null, data: JSON.stringify(openaiFault(fault)), piece: false }),
};
