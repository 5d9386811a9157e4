import { describe, expect, it } from 'vitest';
import { ZERO } from '../../../platform/money.ts';
import { type ConversationEvent, NO_USAGE } from '../../providers/index.ts';
import type { RunAnswer } from '../run-answer.ts';
import { restOfAnswer, totalUsage } from './rest-of-answer.ts';
import { StopText } from './stop-text.ts';

const START: ConversationEvent = { type: 'start', id: 'run_1', model: 'parallax/best', created: 0 };
const ANSWER: RunAnswer = {
  status: 'completed',
  decision: { action: 'answer', perspective: null, finishReason: 'stop', reason: 'r' },
  text: 'The whole answer.',
  toolCalls: [],
  models: [],
  failures: [],
  receipt: [],
};

function eventsOf(
  answer: Partial<RunAnswer>,
  passed: { started?: boolean; text?: string; stop?: string[] } = {},
) {
  const { started = true, text = '', stop = [] } = passed;
  const watched = new StopText(stop);
  const said = watched.push(text);
  return {
    said,
    events: [...restOfAnswer({ ...ANSWER, ...answer }, { started, text, stop: watched }, START)],
  };
}

const typesOf = (events: readonly ConversationEvent[]) => events.map(({ type }) => type).join(' ');

describe('the rest of an answer', () => {
  it('is what has not been passed on', () => {
    const { events } = eventsOf({}, { text: 'The whole' });
    expect(events[0]).toEqual({ type: 'text', choice: 0, text: ' answer.' });
    expect(typesOf(events)).toBe('text finish usage end');
  });

  it('begins with the start when that has not been passed on', () => {
    expect(typesOf(eventsOf({}, { started: false }).events)).toBe('start text finish usage end');
  });

  it('comes in pieces that part no character', () => {
    const text = `x${'🙂'.repeat(5000)}`;
    const pieces = eventsOf({ text }).events.flatMap((event) => (event.type === 'text' ? [event.text] : []));
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.join('')).toBe(text);
    expect(pieces.every((piece) => piece.isWellFormed())).toBe(true);
  });

  it('has the tool calls of the model that acts, unchanged', () => {
    const toolCalls = [
      { id: 'call_1', name: 'look', arguments: '{"a": 1}', signature: 's' },
      { id: 'call_2', name: 'ask', arguments: '{}' },
    ];
    const decision = {
      action: 'tool_calls',
      perspective: 0,
      finishReason: 'tool_calls',
      reason: 'r',
    } as const;
    expect(eventsOf({ decision, toolCalls, text: 'First.' }).events.slice(0, -2)).toEqual([
      { type: 'text', choice: 0, text: 'First.' },
      { type: 'tool_call_start', choice: 0, call: 0, id: 'call_1', name: 'look', signature: 's' },
      { type: 'tool_call_arguments', choice: 0, call: 0, fragment: '{"a": 1}' },
      { type: 'tool_call_start', choice: 0, call: 1, id: 'call_2', name: 'ask' },
      { type: 'tool_call_arguments', choice: 0, call: 1, fragment: '{}' },
      { type: 'finish', choice: 0, reason: 'tool_calls' },
    ]);
  });

  it('says a stop sequence that was met, also one that ends with the rest', () => {
    const { said, events } = eventsOf({}, { text: 'The whole an', stop: ['answer'] });
    expect(said).toBe('The whole ');
    expect(events[0]).toEqual({ type: 'finish', choice: 0, reason: 'stop_sequence', stopSequence: 'answer' });
  });

  it('is an error when another text stands than was shown, never a second answer behind the first', () => {
    const { events } = eventsOf({ text: 'Something else.' }, { text: 'The whole' });
    expect(events).toMatchObject([{ type: 'error', error: { code: 'merge_broke_off' } }]);
  });

  it('is an error when the run ended without an answer', () => {
    expect(eventsOf({ decision: null }).events).toMatchObject([
      { type: 'error', error: { code: 'no_answer' } },
    ]);
    const error = { code: 'cancelled', message: 'm', retryable: true };
    const failures = [{ modelId: 'm/0', error, refusal: '' }];
    expect(eventsOf({ decision: null, status: 'failed', failures }).events).toMatchObject([
      { type: 'error', error: { code: 'cancelled' } },
    ]);
  });

  it('is a refusal when every model declined', () => {
    const error = { code: 'refused', message: 'm', retryable: false };
    const failures = [
      { modelId: 'm/0', error, refusal: '' },
      { modelId: 'm/1', error, refusal: 'No, thank you.' },
    ];
    const { events } = eventsOf({ decision: null, status: 'failed', failures }, { started: false });
    expect(typesOf(events)).toBe('start refusal finish usage end');
    expect(events[1]).toMatchObject({ text: 'No, thank you.' });
  });
});

describe('the usage of an answer', () => {
  it('is the sum of all calls, kind by kind', () => {
    const line = (inputTokens: number, audio: object = {}) => ({
      id: `l${inputTokens}`,
      purpose: 'perspective' as const,
      perspective: 0,
      modelId: 'm',
      keyStrategy: 'none' as const,
      usage: {
        ...NO_USAGE,
        inputTokens,
        cachedInputTokens: 1,
        outputTokens: 2,
        reasoningTokens: 1,
        ...audio,
      },
      costNano: ZERO,
      estimated: false,
      priced: true,
    });
    expect(totalUsage([line(10), line(20, { audioInputTokens: 5 }), line(30)])).toEqual({
      inputTokens: 60,
      cachedInputTokens: 3,
      cacheWriteTokens: 0,
      outputTokens: 6,
      reasoningTokens: 3,
      audioInputTokens: 5,
    });
    expect(totalUsage([])).toEqual(NO_USAGE);
  });
});
