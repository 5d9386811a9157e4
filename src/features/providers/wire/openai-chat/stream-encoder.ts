import type { StreamEncoder, StreamEncoderOptions } from '../../codec.ts';
import { type ConversationEvent, NO_USAGE, type TokenUsage } from '../../conversation.ts';
import { closingMembers } from '../closing.ts';
import { encodeLogprobs } from './encode-response.ts';
import { errorObject } from './errors.ts';
import { encodeFinishReason } from './finish-reason.ts';
import { hasState, reasoningDetails } from './reasoning.ts';
import { encodeUsage } from './usage.ts';

/**
 * Writes "The chat completion chunk object" as server-sent events. All but the delta is text made once a stream. With usage asked for, every
 * chunk has `usage: null` and the last one before `[DONE]` has the numbers and no choices.
 */
export function streamEncoder(options: StreamEncoderOptions): StreamEncoder {
  const model = JSON.stringify(options.model);
  const openChoices = new Set<number>();
  const refusing = new Set<number>();
  /** Calls without arguments so far, as `choice/call`: a client parses what it gets, and nothing is not JSON. */
  const emptyCalls = new Map<string, { choice: number; call: number }>();
  let head = '';
  let closed = false;
  let usage: TokenUsage = NO_USAGE;
  const tail = options.includeUsage ? ',"usage":null}\n\n' : '}\n\n';

  const begin = (id: string, created: number): void => {
    head = `data: {"id":${JSON.stringify(id)},"object":"chat.completion.chunk","created":${Math.floor(created / 1_000)},"model":${model},"choices":[`;
  };

  const chunk = (choice: number, delta: string, rest = '"logprobs":null,"finish_reason":null'): string =>
    `${head}{"index":${choice},"delta":${delta},${rest}}]${tail}`;

  /** A choice's first chunk says its role. */
  const opened = (choice: number): string => {
    if (openChoices.has(choice)) return '';
    openChoices.add(choice);
    return chunk(choice, '{"role":"assistant","content":"","refusal":null}');
  };

  const argumentsChunk = (choice: number, call: number, fragment: string): string =>
    chunk(choice, `{"tool_calls":[{"index":${call},"function":{"arguments":${JSON.stringify(fragment)}}}]}`);

  const finish = (event: Extract<ConversationEvent, { type: 'finish' }>): string => {
    let text = '';
    for (const [key, { choice, call }] of emptyCalls)
      if (choice === event.choice) {
        text += argumentsChunk(choice, call, '{}');
        emptyCalls.delete(key);
      }
    const reason = encodeFinishReason(event.reason, refusing.has(event.choice));
    return text + chunk(event.choice, '{}', `"logprobs":null,"finish_reason":"${reason}"`);
  };

  const reasoning = (event: Extract<ConversationEvent, { type: 'reasoning' }>): string => {
    const text = event.text === '' ? '' : `"reasoning_content":${JSON.stringify(event.text)}`;
    if (event.block === 0 && !hasState(event)) return text === '' ? '' : chunk(event.choice, `{${text}}`);
    const { type: _type, choice: _choice, block, ...piece } = event;
    const details = `"reasoning_details":${JSON.stringify(reasoningDetails(piece, block))}`;
    return chunk(event.choice, text === '' ? `{${details}}` : `{${text},${details}}`);
  };

  const toolCallStart = (event: Extract<ConversationEvent, { type: 'tool_call_start' }>): string => {
    emptyCalls.set(`${event.choice}/${event.call}`, { choice: event.choice, call: event.call });
    const call = {
      index: event.call,
      id: event.id,
      type: 'function',
      function: { name: event.name, arguments: '' },
      ...(event.signature === undefined
        ? {}
        : { extra_content: { google: { thought_signature: event.signature } } }),
    };
    return chunk(event.choice, `{"tool_calls":[${JSON.stringify(call)}]}`);
  };

  const write = (event: ConversationEvent): string => {
    switch (event.type) {
      case 'start':
        begin(event.id, event.created);
        return opened(0);
      case 'text':
        return opened(event.choice) + chunk(event.choice, `{"content":${JSON.stringify(event.text)}}`);
      case 'refusal':
        refusing.add(event.choice);
        return opened(event.choice) + chunk(event.choice, `{"refusal":${JSON.stringify(event.text)}}`);
      case 'reasoning':
        return opened(event.choice) + reasoning(event);
      case 'tool_call_start':
        return opened(event.choice) + toolCallStart(event);
      case 'tool_call_arguments':
        if (event.fragment === '') return '';
        emptyCalls.delete(`${event.choice}/${event.call}`);
        return argumentsChunk(event.choice, event.call, event.fragment);
      case 'logprobs':
        return (
          opened(event.choice) +
          chunk(
            event.choice,
            '{}',
            `"logprobs":${JSON.stringify(encodeLogprobs(event.logprobs))},"finish_reason":null`,
          )
        );
      case 'finish':
        return opened(event.choice) + finish(event);
      case 'usage':
        usage = event.usage;
        return '';
      case 'error':
        closed = true;
        return `data: ${JSON.stringify({ error: errorObject(event.error) })}\n\n`;
      case 'end': {
        closed = true;
        const last = options.includeUsage
          ? `${head}],"usage":${JSON.stringify(encodeUsage(usage))}${closingMembers(options, usage)}}\n\n`
          : '';
        return `${last}data: [DONE]\n\n`;
      }
    }
  };

  return {
    event(event) {
      if (closed) return '';
      if (head === '') begin('', 0);
      return write(event);
    },
  };
}
