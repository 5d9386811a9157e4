import type { StreamDecoder } from '../../codec.ts';
import type { ConversationEvent, JsonObject, TokenUsage } from '../../conversation.ts';
import { malformed, upstreamObject, upstreamText } from '../fields.ts';
import { type CandidatePart, partsOf, readPart } from './candidate-parts.ts';
import { errorInfo, errorMember } from './errors.ts';
import { decodeFinishReason } from './finish-reason.ts';
import { decodeLogprobs } from './logprobs.ts';
import { blockedPrompt, candidatesOf, createdOf, indexOf } from './response.ts';
import { decodeUsage } from './usage.ts';

interface ChoiceState {
  calls: number;
  blocks: number;
  /** Whether thoughts without a signature so far are the last that came. */
  thinking: boolean;
  finished: boolean;
}

/**
 * Reads a stream of `streamGenerateContent` with `alt=sse`: every event is a `GenerateContentResponse` with what is new. Calls come whole. The
 * stream has no closing event: its proper end is that every candidate has told its `finishReason`, or that the prompt was blocked.
 */
export function streamDecoder(): StreamDecoder {
  const choices = new Map<number, ChoiceState>();
  let id = '';
  let started = false;
  let ended = false;
  let blocked = false;
  let calls = 0;
  let usage: TokenUsage | undefined;

  const stateOf = (index: number): ChoiceState => {
    const known = choices.get(index);
    if (known !== undefined) return known;
    const state: ChoiceState = { calls: 0, blocks: 0, thinking: false, finished: false };
    choices.set(index, state);
    return state;
  };

  const text = (
    choice: number,
    state: ChoiceState,
    part: CandidatePart & { readonly kind: 'text' },
    events: ConversationEvent[],
  ): void => {
    const hasState = Object.keys(part.state).length > 0;
    if (part.thought) {
      if (part.text === '' && !hasState) return;
      if (!state.thinking) state.blocks += 1;
      state.thinking = !hasState;
      events.push({ type: 'reasoning', choice, block: state.blocks - 1, text: part.text, ...part.state });
      return;
    }
    if (part.text !== '') {
      state.thinking = false;
      events.push({ type: 'text', choice, text: part.text });
    }
    if (!hasState) return;
    // The neutral text has no signature: it follows as a reasoning block of its own.
    state.thinking = false;
    events.push({ type: 'reasoning', choice, block: state.blocks++, text: '', ...part.state });
  };

  const candidate = (value: unknown, position: number, events: ConversationEvent[]): void => {
    const path = `candidates[${position}]`;
    const fields = upstreamObject(value, path);
    const choice = indexOf(fields, position);
    const state = stateOf(choice);
    if (state.finished) return;
    for (const [at, raw] of partsOf(fields, path).entries()) {
      const part = readPart(raw, `${path}.content.parts[${at}]`, id, calls);
      if (part?.kind === 'text') text(choice, state, part, events);
      else if (part?.kind === 'call') {
        calls += 1;
        state.thinking = false;
        const call = state.calls++;
        const { id: callId, name, signature } = part;
        const signed = signature === undefined ? {} : { signature };
        events.push({ type: 'tool_call_start', choice, call, id: callId, name, ...signed });
        events.push({ type: 'tool_call_arguments', choice, call, fragment: part.arguments });
      }
    }
    const logprobs = decodeLogprobs(fields.logprobsResult);
    if (logprobs !== undefined) events.push({ type: 'logprobs', choice, logprobs });
    if (fields.finishReason === undefined || fields.finishReason === null) return;
    state.finished = true;
    const reason = decodeFinishReason(fields.finishReason, state.calls > 0);
    const message = fields.finishMessage;
    if (reason === 'refusal' && typeof message === 'string' && message !== '')
      events.push({ type: 'refusal', choice, text: message });
    events.push({ type: 'finish', choice, reason });
  };

  const block = (body: JsonObject, events: ConversationEvent[]): void => {
    const sentence = blockedPrompt(body);
    if (sentence === undefined || blocked || choices.size > 0) return;
    blocked = true;
    events.push({ type: 'refusal', choice: 0, text: sentence });
    events.push({ type: 'finish', choice: 0, reason: 'refusal' });
  };

  return {
    event(event) {
      if (ended) return [];
      const parsed = parse(event.data);
      const error = errorMember(parsed);
      if (error !== undefined) {
        ended = true;
        return [{ type: 'error', error: errorInfo(error) }];
      }
      const body = upstreamObject(parsed, 'event');
      const events: ConversationEvent[] = [];
      if (!started) {
        started = true;
        id = upstreamText(body.responseId, 'responseId');
        const model = upstreamText(body.modelVersion, 'modelVersion');
        events.push({ type: 'start', id, model, created: createdOf(body) });
      }
      for (const [position, value] of candidatesOf(body).entries()) candidate(value, position, events);
      block(body, events);
      const latest = decodeUsage(body.usageMetadata);
      if (latest !== undefined) {
        if (latest.outputTokens !== usage?.outputTokens || latest.inputTokens !== usage.inputTokens)
          events.push({ type: 'usage', usage: latest });
        usage = latest;
      }
      return events;
    },
    end() {
      if (ended) return [];
      ended = true;
      const whole = blocked || (choices.size > 0 && [...choices.values()].every((state) => state.finished));
      if (whole) return [{ type: 'end' }];
      const message = 'The provider broke the stream off before its end.';
      return [{ type: 'error', error: { kind: 'connection', message } }];
    },
  };
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data) as unknown;
  } catch {
    throw malformed('event', 'is not JSON');
  }
}
