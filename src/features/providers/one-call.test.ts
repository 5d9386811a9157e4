import { describe, expect, it } from 'vitest';
import type { ConversationEvent } from './conversation.ts';
import { oneCallAtMost } from './one-call.ts';
import { codecFor } from './wire/index.ts';

const codec = oneCallAtMost(codecFor('gemini'));
const candidate = {
  content: {
    role: 'model',
    parts: [
      { text: 'Let me look.' },
      { functionCall: { id: 'a', name: 'look', args: { at: 1 } } },
      { functionCall: { id: 'b', name: 'look', args: { at: 2 } } },
    ],
  },
  finishReason: 'STOP',
};
const body = { responseId: 'r', modelVersion: 'm', candidates: [candidate], usageMetadata: {} };

describe('a model that cannot be told to make one call at a time', () => {
  it('is heard as having made the first of several, whole', () => {
    const [choice] = codec.decodeResponse(body).choices;
    expect(choice?.parts.map((part) => (part.type === 'tool_call' ? part.id : part.type))).toEqual([
      'text',
      'a',
    ]);
    expect(choice?.finishReason).toBe('tool_calls');
  });

  it('and streamed', () => {
    const decoder = codec.streamDecoder();
    const events: ConversationEvent[] = [
      ...decoder.event({ event: 'message', data: JSON.stringify(body) }),
      ...decoder.end(),
    ];
    expect(events.filter(({ type }) => type === 'tool_call_start')).toMatchObject([{ id: 'a' }]);
    expect(events.filter(({ type }) => type === 'tool_call_arguments')).toHaveLength(1);
    expect(events.at(-1)).toEqual({ type: 'end' });
  });
});
