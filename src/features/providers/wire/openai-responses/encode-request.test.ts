import { describe, expect, it } from 'vitest';
import type { ConversationRequest, JsonObject, Message } from '../../conversation.ts';
import { openAiResponsesCodec as codec } from './index.ts';

const ask = (messages: readonly Message[], rest: Partial<ConversationRequest> = {}): ConversationRequest => ({
  model: 'm',
  messages,
  stream: false,
  ...rest,
});
const user = (text: string): Message => ({ role: 'user', parts: [{ type: 'text', text }] });
const system = (text: string): Message => ({ role: 'system', parts: [{ type: 'text', text }] });
const inputOf = (messages: readonly Message[], rest: Partial<ConversationRequest> = {}): unknown =>
  codec.encodeRequest(ask(messages, rest)).body.input;

describe('a request to the Responses API', () => {
  it('says a conversation as items, in the order in which it was', () => {
    const { path, body, dropped } = codec.encodeRequest(
      ask(
        [
          system('Be brief.'),
          {
            role: 'user',
            parts: [
              { type: 'text', text: 'What is this?' },
              { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AA==' } },
              { type: 'file', source: { kind: 'url', url: 'https://files.example/a.pdf' } },
            ],
          },
          {
            role: 'assistant',
            parts: [
              { type: 'reasoning', text: 'hm', id: 'rs_1', encrypted: 'XYZ' },
              { type: 'text', text: 'Let me look.' },
              { type: 'tool_call', id: 'c1', name: 'look', arguments: '{}' },
              { type: 'text', text: 'And think.' },
            ],
          },
          {
            role: 'tool',
            parts: [
              {
                type: 'tool_result',
                callId: 'c1',
                content: [{ type: 'image', source: { kind: 'file_id', id: 'file-1' }, detail: 'low' }],
              },
            ],
          },
          system('Now in French.'),
        ],
        {
          tools: [{ name: 'look', parameters: { type: 'object' } }],
          toolChoice: { name: 'look' },
          output: { kind: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true },
          verbosity: 'low',
          maxTokens: 50,
          logprobs: 2,
          reasoning: { effort: 'low', include: true },
          stream: true,
        },
      ),
    );
    expect(dropped).toEqual([]);
    expect(path).toBe('/responses');
    expect(body).toEqual({
      model: 'm',
      instructions: 'Be brief.',
      input: [
        {
          type: 'message',
          role: 'user',
          content: [
            { type: 'input_text', text: 'What is this?' },
            { type: 'input_image', image_url: 'data:image/png;base64,AA==', detail: 'auto' },
            { type: 'input_file', file_url: 'https://files.example/a.pdf' },
          ],
        },
        {
          type: 'reasoning',
          id: 'rs_1',
          summary: [{ type: 'summary_text', text: 'hm' }],
          encrypted_content: 'XYZ',
        },
        { type: 'message', role: 'assistant', content: 'Let me look.' },
        { type: 'function_call', call_id: 'c1', name: 'look', arguments: '{}' },
        { type: 'message', role: 'assistant', content: 'And think.' },
        {
          type: 'function_call_output',
          call_id: 'c1',
          output: [{ type: 'input_image', file_id: 'file-1', detail: 'low' }],
        },
        { type: 'message', role: 'system', content: 'Now in French.' },
      ],
      tools: [{ type: 'function', name: 'look', parameters: { type: 'object' }, strict: false }],
      tool_choice: { type: 'function', name: 'look' },
      text: {
        format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true },
        verbosity: 'low',
      },
      max_output_tokens: 50,
      top_logprobs: 2,
      include: ['message.output_text.logprobs', 'reasoning.encrypted_content'],
      reasoning: { effort: 'low', summary: 'auto' },
      store: false,
      stream: true,
    });
  });

  it('lets the provider keep nothing, unless the client speaks this format and leaves it open', () => {
    expect(codec.encodeRequest(ask([user('x')])).body.store).toBe(false);
    expect(
      codec.encodeRequest(ask([user('x')], { extraFormat: 'openai-responses' })).body,
    ).not.toHaveProperty('store');
    const kept = ask([user('x')], { extraFormat: 'openai-responses', extra: { store: true } });
    expect(codec.encodeRequest(kept).body.store).toBe(true);
  });

  it.each([
    ['of another maker', { type: 'reasoning', text: 'hm', signature: 's' }, {}, false],
    ['without a state', { type: 'reasoning', text: 'hm' }, {}, false],
    [
      'kept by its maker',
      { type: 'reasoning', text: '', id: 'rs_1' },
      { extraFormat: 'openai-responses' },
      true,
    ],
    [
      'that its maker was told not to keep',
      { type: 'reasoning', text: '', id: 'rs_1' },
      { extraFormat: 'openai-responses', extra: { store: false } },
      false,
    ],
    ['with its encrypted content', { type: 'reasoning', text: '', id: 'rs_1', encrypted: 'X' }, {}, true],
  ] as const)('sends a thought back only to where it came from: one %s', (_name, thought, rest, sent) => {
    const turn: Message = { role: 'assistant', parts: [thought, { type: 'text', text: 'a' }] };
    const { body, dropped } = codec.encodeRequest(ask([user('x'), turn], rest));
    const items = (body.input as JsonObject[]).map(({ type }) => type);
    expect(items.includes('reasoning')).toBe(sent);
    expect(dropped.map(({ path }) => path)).toEqual(sent ? [] : ['messages[1].parts[0]']);
  });

  it('names what the format cannot say', () => {
    const { dropped } = codec.encodeRequest(
      ask([{ ...user('x'), name: 'ada' } as Message], {
        topK: 1,
        stop: ['a'],
        seed: 1,
        choices: 2,
        presencePenalty: 1,
        frequencyPenalty: 1,
        maxTokens: 3,
        parallelToolCalls: true,
      }),
    );
    expect(dropped.map(({ path }) => path).sort()).toEqual([
      'choices',
      'frequencyPenalty',
      'maxTokens',
      'messages[0].name',
      'parallelToolCalls',
      'presencePenalty',
      'seed',
      'stop',
      'topK',
    ]);
  });

  it('keeps a lone system text as an item, for the input must not be empty', () => {
    expect(inputOf([system('x')])).toEqual([{ type: 'message', role: 'system', content: 'x' }]);
  });
});
