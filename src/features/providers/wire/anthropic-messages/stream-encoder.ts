import type { StreamEncoder, StreamEncoderOptions } from '../../codec.ts';
import { type ConversationEvent, type FinishReason, NO_USAGE, type TokenUsage } from '../../conversation.ts';
import { closingMembers } from '../closing.ts';
import { packedState } from '../thought-state.ts';
import { errorObject } from './errors.ts';
import { stopDetails, thoughtBlock } from './response.ts';
import { encodeStopReason } from './stop-reason.ts';
import { encodeUsage } from './usage.ts';

interface OpenThought {
  readonly block: number;
  /** Whether its content block has been begun. */
  begun: boolean;
  id?: string;
  signature?: string;
  encrypted?: string;
}

/**
 * Writes a stream of the Messages API ("Streaming Messages"). One content block is open at a time. A piece of a tool call whose block has been
 * closed by a later one goes out with its own index, which the official SDKs join by. `message_delta` waits for the end, because other
 * formats tell the usage last. Of several choices only the first is said; log-probabilities have no place here.
 */
export function streamEncoder(options: StreamEncoderOptions): StreamEncoder {
  let index = -1;
  let open = '';
  let thought: OpenThought | undefined;
  const callBlocks = new Map<number, number>();
  let usage: TokenUsage = NO_USAGE;
  let finish: FinishReason = 'error';
  let stopSequence: string | undefined;
  let refusal = '';
  let done = false;

  const close = (): string => {
    const state = closeThought();
    if (open === '') return state;
    open = '';
    return `${state}event: content_block_stop\ndata: {"type":"content_block_stop","index":${index}}\n\n`;
  };
  const begin = (key: string, block: string): string => {
    const closed = close();
    open = key;
    index += 1;
    return `${closed}event: content_block_start\ndata: {"type":"content_block_start","index":${index},"content_block":${block}}\n\n`;
  };
  const delta = (at: number, type: string, field: string, value: string): string =>
    `event: content_block_delta\ndata: {"type":"content_block_delta","index":${at},"delta":{"type":"${type}","${field}":${JSON.stringify(value)}}}\n\n`;

  /** A thought's block is begun by its first text; its state goes out when it is whole, as one signature. */
  const reasoning = (event: ConversationEvent & { readonly type: 'reasoning' }): string => {
    let text = '';
    if (thought?.block !== event.block) {
      text = close();
      thought = { block: event.block, begun: false };
    }
    const current = thought;
    if (event.id !== undefined) current.id = event.id;
    if (event.signature !== undefined) current.signature = (current.signature ?? '') + event.signature;
    if (event.encrypted !== undefined) current.encrypted = (current.encrypted ?? '') + event.encrypted;
    if (event.text === '') return text;
    if (!current.begun) text += beginThought(current);
    return text + delta(index, 'thinking_delta', 'thinking', event.text);
  };

  const beginThought = (current: OpenThought): string => {
    // `begin` closes what is open, which must not end the thought itself.
    thought = undefined;
    const text = begin('thinking', '{"type":"thinking","thinking":"","signature":""}');
    current.begun = true;
    thought = current;
    return text;
  };

  const closeThought = (): string => {
    if (thought === undefined) return '';
    const ended = thought;
    thought = undefined;
    const signature = packedState(ended);
    if (signature === undefined) return '';
    if (ended.begun) return delta(index, 'signature_delta', 'signature', signature);
    const whole = thoughtBlock('', ended);
    if (whole.type === 'redacted_thinking') return begin('thinking', JSON.stringify(whole));
    return signatureAlone(signature);
  };

  /** A call has no signature here, but a thinking block does, and clients send it back in its place before the call. */
  const signatureAlone = (signature: string): string =>
    begin('signature', '{"type":"thinking","thinking":"","signature":""}') +
    delta(index, 'signature_delta', 'signature', signature);

  const end = (): string => {
    const reason = refusal === '' ? finish : 'refusal';
    const last = {
      stop_reason: encodeStopReason(reason),
      stop_sequence: stopSequence ?? null,
      ...(reason === 'refusal' ? { stop_details: stopDetails(refusal) } : {}),
    };
    const totals = JSON.stringify(encodeUsage(usage));
    return `${close()}event: message_delta\ndata: {"type":"message_delta","delta":${JSON.stringify(last)},"usage":${totals}${closingMembers(options, usage)}}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n`;
  };

  return {
    event(event) {
      if (done || ('choice' in event && event.choice !== 0)) return '';
      switch (event.type) {
        case 'start':
          return `event: message_start\ndata: {"type":"message_start","message":{"id":${JSON.stringify(event.id)},"type":"message","role":"assistant","model":${JSON.stringify(options.model)},"content":[],"stop_reason":null,"stop_sequence":null,"usage":${JSON.stringify(encodeUsage(usage))}}}\n\n`;
        case 'text': {
          if (event.text === '') return '';
          const opened =
            open === 'text' && thought === undefined ? '' : begin('text', '{"type":"text","text":""}');
          return opened + delta(index, 'text_delta', 'text', event.text);
        }
        case 'reasoning':
          return reasoning(event);
        case 'tool_call_start': {
          const signed = event.signature === undefined ? '' : signatureAlone(event.signature);
          const text = begin(
            `call ${event.call}`,
            `{"type":"tool_use","id":${JSON.stringify(event.id)},"name":${JSON.stringify(event.name)},"input":{}}`,
          );
          callBlocks.set(event.call, index);
          return signed + text;
        }
        case 'tool_call_arguments': {
          const at = callBlocks.get(event.call);
          return at === undefined ? '' : delta(at, 'input_json_delta', 'partial_json', event.fragment);
        }
        case 'refusal':
          refusal += event.text;
          return '';
        case 'finish':
          finish = event.reason;
          stopSequence = event.stopSequence;
          return '';
        case 'usage':
          usage = event.usage;
          return '';
        case 'logprobs':
          return '';
        case 'error':
          done = true;
          return `event: error\ndata: ${JSON.stringify({ type: 'error', error: errorObject(event.error) })}\n\n`;
        case 'end':
          done = true;
          return end();
      }
    },
  };
}
