import type { StreamEncoder, StreamEncoderOptions } from '../../codec.ts';
import type { ConversationEvent, FinishReason, JsonObject, TokenUsage } from '../../conversation.ts';
import { isObject, jsonOrUndefined } from '../fields.ts';
import { packedStateBase64 } from '../thought-state.ts';
import { errorObject } from './errors.ts';
import { encodeFinishReason } from './finish-reason.ts';
import { encodeLogprobs } from './logprobs.ts';
import { contentParts } from './response.ts';
import { encodeUsage } from './usage.ts';

interface HeldCall {
  readonly id: string;
  readonly name: string;
  readonly signature: string | undefined;
  text: string;
}

interface HeldThought {
  readonly block: number;
  id?: string;
  signature?: string;
  encrypted?: string;
}

interface ChoiceState {
  thought: HeldThought | undefined;
  readonly calls: Map<number, HeldCall>;
  finish: FinishReason | undefined;
  refusal: string;
  broken: boolean;
}

/**
 * Writes a stream of `streamGenerateContent` with `alt=sse`. Gemini's calls come whole: one is held until other content follows it or the choice
 * ends. Finish reasons and usage go out together in the last event, as Gemini's do.
 */
export function streamEncoder(options: StreamEncoderOptions): StreamEncoder {
  const choices = new Map<number, ChoiceState>();
  let tail = `"modelVersion":${JSON.stringify(options.model)}}\n\n`;
  let usage: TokenUsage | undefined;
  let done = false;

  const stateOf = (choice: number): ChoiceState => {
    const known = choices.get(choice);
    if (known !== undefined) return known;
    const state: ChoiceState = {
      thought: undefined,
      calls: new Map(),
      finish: undefined,
      refusal: '',
      broken: false,
    };
    choices.set(choice, state);
    return state;
  };
  const chunk = (choice: number, part: string): string =>
    `data: {"candidates":[{"content":{"parts":[${part}],"role":"model"},"index":${choice}}],${tail}`;

  /**
   * What is held for a choice: the state of a thought, and calls in their order; one that is no JSON object cannot be said and breaks the answer.
   */
  const flush = (choice: number, state: ChoiceState): string => {
    if (state.thought === undefined && state.calls.size === 0) return '';
    const parts: string[] = [];
    const signature = state.thought && packedStateBase64(state.thought);
    if (signature !== undefined)
      parts.push(JSON.stringify({ text: '', thought: true, thoughtSignature: signature }));
    state.thought = undefined;
    for (const { id, name, signature: thoughtSignature, text } of state.calls.values()) {
      const args = jsonOrUndefined(text === '' ? '{}' : text);
      if (!isObject(args)) state.broken = true;
      else parts.push(JSON.stringify({ functionCall: { id, name, args }, thoughtSignature }));
    }
    state.calls.clear();
    return parts.length === 0 ? '' : chunk(choice, parts.join(','));
  };

  /** The text of a thought goes out as it comes, its state when it is whole. */
  const reasoning = (
    event: ConversationEvent & { readonly type: 'reasoning' },
    state: ChoiceState,
  ): string => {
    let text = '';
    if (state.thought?.block !== event.block) {
      text = flush(event.choice, state);
      state.thought = { block: event.block };
    }
    const { thought } = state;
    if (event.id !== undefined) thought.id = event.id;
    if (event.signature !== undefined) thought.signature = (thought.signature ?? '') + event.signature;
    if (event.encrypted !== undefined) thought.encrypted = (thought.encrypted ?? '') + event.encrypted;
    if (event.text === '') return text;
    return text + chunk(event.choice, `{"text":${JSON.stringify(event.text)},"thought":true}`);
  };

  const last = (): string => {
    let text = '';
    const candidates: JsonObject[] = [];
    if (choices.size === 0) stateOf(0);
    for (const [choice, state] of choices) {
      text += flush(choice, state);
      const reason = state.refusal === '' ? (state.finish ?? 'error') : 'refusal';
      candidates.push({
        content: { role: 'model', parts: contentParts([], reason) },
        finishReason: state.broken ? 'MALFORMED_FUNCTION_CALL' : encodeFinishReason(reason),
        ...(state.refusal === '' ? {} : { finishMessage: state.refusal }),
        index: choice,
      });
    }
    const totals = usage === undefined ? '' : `"usageMetadata":${JSON.stringify(encodeUsage(usage))},`;
    return `${text}data: {"candidates":${JSON.stringify(candidates)},${totals}${tail}`;
  };

  return {
    event(event) {
      if (done) return '';
      switch (event.type) {
        case 'start': {
          const created =
            event.created === 0 ? '' : `,"createTime":"${new Date(event.created).toISOString()}"`;
          tail = `"modelVersion":${JSON.stringify(options.model)},"responseId":${JSON.stringify(event.id)}${created}}\n\n`;
          return '';
        }
        case 'text':
          if (event.text === '') return '';
          return (
            flush(event.choice, stateOf(event.choice)) +
            chunk(event.choice, `{"text":${JSON.stringify(event.text)}}`)
          );
        case 'reasoning':
          return reasoning(event, stateOf(event.choice));
        case 'tool_call_start': {
          const { id, name, signature } = event;
          const state = stateOf(event.choice);
          // What was thought before goes out now; calls wait, for their arguments may come by turns.
          const text = state.calls.size === 0 ? flush(event.choice, state) : '';
          state.calls.set(event.call, { id, name, signature, text: '' });
          return text;
        }
        case 'tool_call_arguments': {
          const held = stateOf(event.choice).calls.get(event.call);
          if (held !== undefined) held.text += event.fragment;
          return '';
        }
        case 'logprobs': {
          const result = encodeLogprobs(event.logprobs);
          if (result === undefined) return '';
          stateOf(event.choice);
          return `data: {"candidates":[{"content":{"parts":[{"text":""}],"role":"model"},"index":${event.choice},"logprobsResult":${JSON.stringify(result)}}],${tail}`;
        }
        case 'refusal':
          stateOf(event.choice).refusal += event.text;
          return '';
        case 'finish':
          stateOf(event.choice).finish = event.reason;
          return '';
        case 'usage':
          usage = event.usage;
          return '';
        case 'error':
          done = true;
          return `data: ${JSON.stringify({ error: errorObject(event.error) })}\n\n`;
        case 'end':
          done = true;
          return last();
      }
    },
  };
}
