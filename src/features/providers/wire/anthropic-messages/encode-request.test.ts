import { describe, expect, it } from 'vitest';
import type { ConversationRequest } from '../../conversation.ts';
import {
  anthropicMessagesCodec as codec,
  DEFAULT_MAX_TOKENS,
  EVERY_TRAIT,
  encodeAnthropicRequest,
  traitsOf,
} from './index.ts';

function asked(more: Partial<ConversationRequest> = {}): ConversationRequest {
  return {
    model: 'claude-opus-5',
    messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }],
    stream: false,
    ...more,
  };
}

function paths(request: ConversationRequest): string[] {
  return codec.encodeRequest(request).dropped.map(({ path }) => path);
}

describe('a request to Anthropic', () => {
  it('carries a bound of the answer even when none was asked for', () => {
    expect(codec.encodeRequest(asked()).body).toEqual({
      model: 'claude-opus-5',
      max_tokens: DEFAULT_MAX_TOKENS,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
    });
  });

  it('puts leading system messages into `system` and what the person says behind results into one turn', () => {
    const { body } = codec.encodeRequest(
      asked({
        messages: [
          { role: 'system', parts: [{ type: 'text', text: 'Be brief.', cache: { ttl: '1h' } }] },
          { role: 'user', parts: [{ type: 'text', text: 'Weather?' }] },
          {
            role: 'assistant',
            parts: [
              { type: 'reasoning', text: 'Look it up.', signature: 'c2ln' },
              { type: 'tool_call', id: 'toolu_1', name: 'weather', arguments: '{"city":"Bonn"}' },
            ],
          },
          {
            role: 'tool',
            parts: [
              {
                type: 'tool_result',
                callId: 'toolu_1',
                name: 'weather',
                content: [{ type: 'text', text: '12 °C' }],
              },
            ],
          },
          { role: 'user', parts: [{ type: 'text', text: 'And tomorrow?' }] },
        ],
      }),
    );
    expect(body.system).toEqual([
      { type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral', ttl: '1h' } },
    ]);
    expect(body.messages).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'Weather?' }] },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Look it up.', signature: 'c2ln' },
          { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Bonn' } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'text', text: '12 °C' }] },
          { type: 'text', text: 'And tomorrow?' },
        ],
      },
    ]);
  });

  it('keeps a later system message in the turn where the model takes it, and moves it to the prompt where not', () => {
    const messages: ConversationRequest['messages'] = [
      { role: 'user', parts: [{ type: 'text', text: 'Hi' }] },
      { role: 'system', parts: [{ type: 'text', text: 'Answer in French.' }] },
    ];
    const newer = codec.encodeRequest(asked({ messages }));
    expect(newer.body.messages).toContainEqual({
      role: 'system',
      content: [{ type: 'text', text: 'Answer in French.' }],
    });
    expect(newer.dropped).toEqual([]);
    const older = codec.encodeRequest(asked({ model: 'claude-sonnet-4-6', messages }));
    expect(older.body.system).toEqual([{ type: 'text', text: 'Answer in French.' }]);
    expect(older.dropped.map(({ path }) => path)).toEqual(['messages[1].role']);
  });

  it('moves a system message behind the person’s turn, where alone the API takes it', () => {
    const { body, dropped } = codec.encodeRequest(
      asked({
        messages: [
          { role: 'user', parts: [{ type: 'text', text: 'One' }] },
          { role: 'assistant', parts: [{ type: 'text', text: 'Two' }] },
          { role: 'system', parts: [{ type: 'text', text: 'Count on.' }] },
          { role: 'user', parts: [{ type: 'text', text: 'Three' }] },
        ],
      }),
    );
    expect((body.messages as { role: string }[]).map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'user',
      'system',
    ]);
    expect(dropped.map(({ path }) => path)).toEqual(['messages[2].role']);
  });

  it('rewrites call ids that the API refuses, alike in the call and its result', () => {
    const { body, dropped } = codec.encodeRequest(
      asked({
        messages: [
          { role: 'user', parts: [{ type: 'text', text: 'Search' }] },
          {
            role: 'assistant',
            parts: [{ type: 'tool_call', id: 'functions.search:0', name: 'search', arguments: '{}' }],
          },
          { role: 'tool', parts: [{ type: 'tool_result', callId: 'functions.search:0', content: [] }] },
        ],
      }),
    );
    expect(body.messages).toMatchObject([
      {},
      { content: [{ id: 'functions_search_0_0' }] },
      { content: [{ tool_use_id: 'functions_search_0_0' }] },
    ]);
    expect(dropped).toEqual([
      { path: 'messages[1].parts[0].id', reason: expect.stringContaining('functions_search_0_0') },
    ]);
  });

  it('names all that the format has no place for', () => {
    const request = asked({
      seed: 1,
      choices: 2,
      presencePenalty: 1,
      frequencyPenalty: 1,
      logprobs: 3,
      verbosity: 'low',
      metadata: { team: 'blue' },
      promptCacheKey: 'key',
      serviceTier: 'flex',
      temperature: 0.5,
      stop: ['\n', 'END'],
      output: { kind: 'json_object' },
      parallelToolCalls: false,
      messages: [
        {
          role: 'user',
          name: 'Ada',
          parts: [
            { type: 'audio', source: { kind: 'base64', mediaType: 'audio/wav', data: 'AA==' } },
            { type: 'image', source: { kind: 'url', url: 'https://a.example/a.png' }, detail: 'low' },
            { type: 'file', source: { kind: 'base64', mediaType: 'application/zip', data: 'AA==' } },
          ],
        },
        {
          role: 'assistant',
          parts: [
            { type: 'reasoning', text: 'Hm.' },
            { type: 'refusal', text: 'No.' },
          ],
        },
      ],
    });
    expect(paths(request).sort()).toEqual(
      [
        'choices',
        'frequencyPenalty',
        'logprobs',
        'messages[0].name',
        'messages[0].parts[0]',
        'messages[0].parts[1].detail',
        'messages[0].parts[2]',
        'messages[1].parts[0]',
        'messages[1].parts[1].type',
        'metadata',
        'output',
        'parallelToolCalls',
        'presencePenalty',
        'promptCacheKey',
        'seed',
        'serviceTier',
        'stop[0]',
        'temperature',
        'verbosity',
      ].sort(),
    );
  });

  it('asks for thinking the way the model takes it', () => {
    const thinking = (model: string, reasoning: ConversationRequest['reasoning'], more = {}) => {
      const {
        thinking: asks,
        output_config,
        max_tokens,
      } = codec.encodeRequest(asked({ model, reasoning, ...more })).body;
      return { asks, output_config, max_tokens };
    };
    expect(thinking('claude-opus-5', { effort: 'high', include: true })).toEqual({
      asks: { type: 'adaptive', display: 'summarized' },
      output_config: { effort: 'high' },
      max_tokens: DEFAULT_MAX_TOKENS,
    });
    expect(thinking('claude-sonnet-4-5-20250929', { effort: 'low' })).toEqual({
      asks: { type: 'enabled', budget_tokens: 2_048 },
      output_config: undefined,
      max_tokens: DEFAULT_MAX_TOKENS + 2_048,
    });
    expect(thinking('claude-sonnet-4-6', { budgetTokens: 4_000 }, { maxTokens: 3_000 })).toMatchObject({
      asks: { type: 'enabled', budget_tokens: 2_400 },
      max_tokens: 3_000,
    });
    expect(thinking('claude-opus-5', { effort: 'none' }).asks).toEqual({ type: 'disabled' });
    expect(thinking('claude-opus-5', { budgetTokens: 9_000 }).asks).toEqual({ type: 'adaptive' });
    expect(
      thinking('claude-3-7-sonnet-20250219', { effort: 'high' }, { toolChoice: 'required' }).asks,
    ).toBeUndefined();
  });

  it('does not ask an older Claude to think on over tool calls that came without thinking', () => {
    const request = asked({
      model: 'claude-sonnet-4-5',
      reasoning: { effort: 'high' },
      messages: [
        { role: 'user', parts: [{ type: 'text', text: 'Go' }] },
        { role: 'assistant', parts: [{ type: 'tool_call', id: 'call_1', name: 'go', arguments: '{}' }] },
        { role: 'tool', parts: [{ type: 'tool_result', callId: 'call_1', content: [] }] },
      ],
    });
    expect(codec.encodeRequest(request).body.thinking).toBeUndefined();
    expect(paths(request)).toContain('reasoning');
    expect(codec.encodeRequest({ ...request, model: 'claude-opus-5' }).body.thinking).toEqual({
      type: 'adaptive',
    });
  });

  it('holds nothing back from other makers’ models, unsigned thinking included', () => {
    const request = asked({
      model: 'local/sage',
      temperature: 0.3,
      messages: [{ role: 'assistant', parts: [{ type: 'reasoning', text: 'Hm.' }] }],
    });
    const { body, dropped } = encodeAnthropicRequest(request, EVERY_TRAIT);
    expect(dropped).toEqual([]);
    expect(body).toMatchObject({
      temperature: 0.3,
      messages: [{ content: [{ type: 'thinking', thinking: 'Hm.', signature: '' }] }],
    });
  });

  it('keeps another provider’s encrypted thinking from Claude', () => {
    const request = asked({
      messages: [
        { role: 'assistant', parts: [{ type: 'reasoning', text: 'Hm.', id: 'rs_1', encrypted: 'gAAA' }] },
      ],
    });
    expect(codec.encodeRequest(request).body.messages).toEqual([]);
    expect(paths(request)).toEqual(['messages[0].parts[0]']);
  });

  it('sends a text file as plain text, unharmed', () => {
    const text = 'naïve — 日本\n';
    const data = Buffer.from(text).toString('base64');
    const request = asked({
      messages: [
        {
          role: 'user',
          parts: [{ type: 'file', source: { kind: 'base64', mediaType: 'text/plain', data }, name: 'a.txt' }],
        },
      ],
    });
    const { body, dropped } = codec.encodeRequest(request);
    expect(dropped).toEqual([]);
    expect(body.messages).toMatchObject([
      {
        content: [
          {
            type: 'document',
            title: 'a.txt',
            source: { type: 'text', media_type: 'text/plain', data: text },
          },
        ],
      },
    ]);
    expect(codec.decodeRequest(body).request.messages).toEqual(request.messages);
  });
});

describe('the traits of a model', () => {
  it.each([
    ['claude-3-7-sonnet-20250219', 'budget', true, false],
    ['anthropic.claude-sonnet-4-20250514-v1:0', 'budget', true, false],
    ['claude-opus-4-5-20251101', 'budget', true, false],
    ['anthropic/claude-opus-4.6', 'either', true, false],
    ['claude-opus-4-7', 'adaptive', false, false],
    ['claude-opus-4-8', 'adaptive', false, true],
    ['claude-mythos-preview', 'adaptive', false, true],
    ['kimi-k2', 'either', true, true],
  ])('of %s are known by its name', (model, thinking, sampling, systemTurns) => {
    expect(traitsOf(model)).toMatchObject({ thinking, sampling, systemTurns });
  });
});
