import { describe, expect, it } from 'vitest';
import type { ConversationRequest } from '../../conversation.ts';
import { FOREIGN_CALL_SIGNATURE } from './encode-content.ts';
import { geminiCodec as codec } from './index.ts';

function asked(more: Partial<ConversationRequest> = {}): ConversationRequest {
  return {
    model: 'gemini-3-pro',
    messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }],
    stream: false,
    ...more,
  };
}

describe('a request to Gemini', () => {
  it('puts model and streaming into the path, wherever the name would lead', () => {
    expect(codec.encodeRequest(asked()).path).toBe('/models/gemini-3-pro:generateContent');
    expect(codec.encodeRequest(asked({ model: 'models/gemini-3-pro', stream: true })).path).toBe(
      '/models/gemini-3-pro:streamGenerateContent?alt=sse',
    );
    expect(codec.encodeRequest(asked({ model: 'tunedModels/mine' })).path).toBe(
      '/tunedModels/mine:generateContent',
    );
    expect(codec.encodeRequest(asked({ model: '../files?x=#' })).path).toBe(
      '/models/..%2Ffiles%3Fx%3D%23:generateContent',
    );
  });

  it('says every parameter in Gemini’s words', () => {
    const { body, dropped } = codec.encodeRequest(
      asked({
        messages: [
          { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] },
          { role: 'user', parts: [{ type: 'text', text: 'Hello' }] },
        ],
        tools: [{ name: 'look', description: 'Looks.', parameters: { type: 'object', properties: {} } }],
        toolChoice: { name: 'look' },
        maxTokens: 100,
        temperature: 1.5,
        topP: 0.9,
        topK: 40,
        stop: ['END'],
        seed: 7,
        choices: 2,
        presencePenalty: 0.5,
        frequencyPenalty: -0.5,
        logprobs: 3,
        reasoning: { effort: 'low', include: true },
        output: { kind: 'json_schema', name: 'output', schema: { type: 'object' } },
        serviceTier: 'default',
      }),
    );
    expect(dropped).toEqual([]);
    expect(body).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      tools: [
        {
          functionDeclarations: [
            { name: 'look', description: 'Looks.', parametersJsonSchema: { type: 'object', properties: {} } },
          ],
        },
      ],
      toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['look'] } },
      generationConfig: {
        maxOutputTokens: 100,
        temperature: 1.5,
        topP: 0.9,
        topK: 40,
        stopSequences: ['END'],
        seed: 7,
        candidateCount: 2,
        presencePenalty: 0.5,
        frequencyPenalty: -0.5,
        responseLogprobs: true,
        logprobs: 3,
        responseMimeType: 'application/json',
        responseJsonSchema: { type: 'object' },
        thinkingConfig: { thinkingLevel: 'LOW', includeThoughts: true },
      },
      serviceTier: 'standard',
    });
  });

  it('answers calls by name, with a result that is an object as it is and other text as output', () => {
    const call = (id: string, args: string) => ({
      type: 'tool_call' as const,
      id,
      name: 'look',
      arguments: args,
    });
    const result = (callId: string, text: string, isError = false) => ({
      type: 'tool_result' as const,
      callId,
      content: [{ type: 'text' as const, text }],
      ...(isError ? { isError } : {}),
    });
    const { body } = codec.encodeRequest(
      asked({
        model: 'gemini-2.5-flash',
        messages: [
          {
            role: 'assistant',
            parts: [call('a', '{"at":1}'), call('b', '{}'), call('c', '{}'), call('d', '{}')],
          },
          {
            role: 'tool',
            parts: [
              result('a', '{"temp":20}'),
              result('b', 'plain'),
              result('c', 'broken', true),
              result('d', '{ "spaced": 1 }'),
            ],
          },
        ],
      }),
    );
    expect(body.contents).toEqual([
      {
        role: 'model',
        parts: [
          { functionCall: { id: 'a', name: 'look', args: { at: 1 } } },
          { functionCall: { id: 'b', name: 'look', args: {} } },
          { functionCall: { id: 'c', name: 'look', args: {} } },
          { functionCall: { id: 'd', name: 'look', args: {} } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'a', name: 'look', response: { temp: 20 } } },
          { functionResponse: { id: 'b', name: 'look', response: { output: 'plain' } } },
          { functionResponse: { id: 'c', name: 'look', response: { error: 'broken' } } },
          { functionResponse: { id: 'd', name: 'look', response: { output: '{ "spaced": 1 }' } } },
        ],
      },
    ]);
  });

  it('returns signatures where they came from, and stands in for those of calls that another model made', () => {
    const parts = (
      list: Extract<ConversationRequest['messages'][number], { role: 'assistant' }>['parts'],
    ) => {
      const { body } = codec.encodeRequest(asked({ messages: [{ role: 'assistant', parts: list }] }));
      return (body.contents as { parts: object[] }[])[0]?.parts;
    };
    const call = { type: 'tool_call' as const, id: 'a', name: 'look', arguments: '{}' };
    const wireCall = { functionCall: { id: 'a', name: 'look', args: {} } };
    expect(parts([{ ...call, signature: 'c2ln' }])).toEqual([{ ...wireCall, thoughtSignature: 'c2ln' }]);
    expect(parts([call, { ...call, id: 'b' }])).toEqual([
      { ...wireCall, thoughtSignature: FOREIGN_CALL_SIGNATURE },
      { functionCall: { id: 'b', name: 'look', args: {} } },
    ]);
    // As a client of Anthropic's format returns it: a thinking block before the call.
    expect(parts([{ type: 'reasoning', text: '', signature: 'c2ln' }, call])).toEqual([
      { ...wireCall, thoughtSignature: 'c2ln' },
    ]);
    expect(
      parts([
        { type: 'text', text: 'Hi' },
        { type: 'reasoning', text: '', signature: 'c2ln' },
      ]),
    ).toEqual([{ text: 'Hi', thoughtSignature: 'c2ln' }]);
    expect(parts([{ type: 'reasoning', text: 'Hm.', signature: 'not base64!' }])).toEqual([
      { text: 'Hm.', thought: true },
    ]);
  });

  it('asks for thinking the way the generation takes it', () => {
    const config = (model: string, reasoning: ConversationRequest['reasoning']) =>
      (codec.encodeRequest(asked({ model, reasoning })).body.generationConfig as { thinkingConfig: object })
        .thinkingConfig;
    expect(config('gemini-2.5-flash', { effort: 'medium' })).toEqual({ thinkingBudget: 8_192 });
    expect(config('gemini-2.5-flash', { effort: 'none' })).toEqual({ thinkingBudget: 0 });
    expect(config('gemini-2.5-pro', { budgetTokens: 0 })).toEqual({ thinkingBudget: 128 });
    expect(config('gemini-3-pro', { effort: 'xhigh' })).toEqual({ thinkingLevel: 'HIGH' });
    expect(config('gemini-3-flash', { effort: 'none' })).toEqual({ thinkingLevel: 'MINIMAL' });
    expect(config('gemini-3-pro', { budgetTokens: 500, effort: 'low' })).toEqual({ thinkingBudget: 500 });
    expect(config('gemini-3-pro', {})).toEqual({ includeThoughts: true });
  });

  it('gives a reference the media type that it must have', () => {
    const image = (url: string) => ({ type: 'image' as const, source: { kind: 'url' as const, url } });
    const { body } = codec.encodeRequest(
      asked({
        messages: [
          {
            role: 'user',
            parts: [
              image('https://a.example/a.png?size=1'),
              image('https://a.example/a'),
              { type: 'file', source: { kind: 'file_id', id: 'files/abc' }, name: 'a.pdf' },
            ],
          },
        ],
      }),
    );
    expect(body.contents).toMatchObject([
      {
        parts: [
          { fileData: { mimeType: 'image/png', fileUri: 'https://a.example/a.png?size=1' } },
          { fileData: { mimeType: 'image/jpeg', fileUri: 'https://a.example/a' } },
          {
            fileData: {
              mimeType: 'application/pdf',
              fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/abc',
              displayName: 'a.pdf',
            },
          },
        ],
      },
    ]);
  });

  it('names all that the format has no place for', () => {
    const { dropped } = codec.encodeRequest(
      asked({
        user: 'u',
        metadata: { a: 'b' },
        verbosity: 'low',
        promptCacheKey: 'k',
        serviceTier: 'auto',
        parallelToolCalls: false,
        stop: ['1', '2', '3', '4', '5', '6'],
        tools: [{ name: 'f', parameters: {}, strict: true, cache: {} }],
        output: { kind: 'json_schema', name: 'mine', schema: {}, strict: true, description: 'd' },
        messages: [
          { role: 'user', name: 'Ada', parts: [{ type: 'text', text: 'x', cache: {} }] },
          { role: 'system', parts: [{ type: 'text', text: 'later' }] },
          {
            role: 'assistant',
            parts: [
              { type: 'reasoning', text: '', encrypted: 'gAAA' },
              { type: 'refusal', text: 'No.' },
            ],
          },
        ],
        extra: { store: true },
        extraFormat: 'openai-responses',
      }),
    );
    expect(dropped.map(({ path }) => path).sort()).toEqual(
      [
        'extra.store',
        'messages[0].name',
        'messages[0].parts[0].cache',
        'messages[1].role',
        'messages[2].parts[0]',
        'messages[2].parts[1].type',
        'metadata',
        'output.description',
        'output.name',
        'output.strict',
        'parallelToolCalls',
        'promptCacheKey',
        'serviceTier',
        'stop[5]',
        'tools[0].cache',
        'tools[0].strict',
        'user',
        'verbosity',
      ].sort(),
    );
  });
});
