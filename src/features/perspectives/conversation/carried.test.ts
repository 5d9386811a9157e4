import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../providers/index.ts';
import { carriedConversation, conversationText, MAX_CONVERSATION_BYTES } from './carried.ts';

const hi: Message = { role: 'user', parts: [{ type: 'text', text: 'Hi' }] };

describe('what a run carries of a conversation', () => {
  it('is everything that asks the models for something', () => {
    const asked = {
      messages: [hi],
      tools: [{ name: 'look', parameters: {} }],
      toolChoice: 'auto',
      seed: 3,
      topP: 0.5,
      user: 'u1',
      extra: { store: true },
      extraFormat: 'openai-chat',
    } as const;
    expect(carriedConversation({ ...asked, includeUsage: true, choices: 1 })).toEqual(asked);
  });

  it('is without the state of thoughts, and without thoughts that had nothing else', () => {
    const call = { type: 'tool_call', id: 'c', name: 'look', arguments: '{}', signature: 'c2ln' } as const;
    const { messages } = carriedConversation({
      messages: [
        hi,
        {
          role: 'assistant',
          parts: [
            { type: 'reasoning', text: 'Hm.', id: 'rs_1', signature: 'x', encrypted: 'y' },
            { type: 'reasoning', text: '', encrypted: 'y' },
            { type: 'text', text: 'Well.' },
            call,
          ],
        },
        { role: 'assistant', parts: [{ type: 'reasoning', text: '', signature: 'x' }] },
      ],
    });
    expect(messages).toEqual([
      hi,
      {
        role: 'assistant',
        parts: [{ type: 'reasoning', text: 'Hm.' }, { type: 'text', text: 'Well.' }, call],
      },
    ]);
  });

  it('is refused with the parameter’s name when it leans on what one provider keeps', () => {
    for (const name of ['previous_response_id', 'conversation', 'prompt', 'background']) {
      const extra = { [name]: 'something' };
      expect(() => carriedConversation({ messages: [hi], extra, extraFormat: 'openai-responses' })).toThrow(
        expect.objectContaining({ code: 'unsupported_parameter', param: name }),
      );
      // In another format it is a parameter that nobody knows, for whoever does.
      expect(carriedConversation({ messages: [hi], extra, extraFormat: 'openai-chat' }).extra).toEqual(extra);
    }
    const harmless = {
      background: false,
      previous_response_id: null,
      'input[0]': { item: {}, messagesBehind: 0 },
    };
    expect(
      carriedConversation({ messages: [hi], extra: harmless, extraFormat: 'openai-responses' }).extra,
    ).toEqual({ background: false, previous_response_id: null });
  });

  it('is refused when there is nothing to answer', () => {
    const system: Message = { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] };
    expect(() => carriedConversation({ messages: [system] })).toThrow(
      expect.objectContaining({ code: 'invalid_parameter', param: 'messages' }),
    );
  });
});

describe('the size of a conversation', () => {
  it('is counted in UTF-8', () => {
    const around = JSON.stringify({
      messages: [{ role: 'user', parts: [{ type: 'text', text: '' }] }],
    }).length;
    fc.assert(
      fc.property(fc.constantFrom('a', 'é', '€', '🙂'), (character) => {
        const bytes = new TextEncoder().encode(character).length;
        const room = MAX_CONVERSATION_BYTES - around;
        const fits = (count: number) => () =>
          conversationText(
            { messages: [{ role: 'user', parts: [{ type: 'text', text: character.repeat(count) }] }] },
            1,
          );
        expect(fits(Math.floor(room / bytes))).not.toThrow();
        expect(fits(Math.floor(room / bytes) + 1)).toThrow(
          expect.objectContaining({ code: 'payload_too_large' }),
        );
      }),
      { numRuns: 4 },
    );
  });

  it('says how much it is and how much it may be', () => {
    const large: Message = { role: 'user', parts: [{ type: 'text', text: 'x'.repeat(5 * 1024 * 1024) }] };
    expect(() => conversationText({ messages: [large] }, 12)).toThrow(
      'The conversation has 5.1 MiB and would go to 12 models; together they can be sent 48 MiB.',
    );
  });
});
