import { describe, expect, it } from 'vitest';
import { ParallaxError } from '../../../../platform/errors.ts';
import type { ConversationRequest } from '../../conversation.ts';
import { geminiCodec as codec } from './index.ts';

const PATH = { model: 'gemini-3-pro', stream: false };

function asked(more: Partial<ConversationRequest> = {}): ConversationRequest {
  return {
    model: 'gemini-3-pro',
    messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }],
    stream: false,
    ...more,
  };
}

function decoded(body: unknown): ConversationRequest {
  return codec.decodeRequest(body, PATH).request;
}

describe('a request in Gemini’s format', () => {
  it('is read in both spellings of Google’s JSON', () => {
    const camel = {
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      contents: [{ role: 'user', parts: [{ inlineData: { mimeType: 'image/png', data: 'AA==' } }] }],
      generationConfig: {
        maxOutputTokens: 9,
        thinkingConfig: { thinkingLevel: 'LOW', includeThoughts: true },
      },
    };
    const snake = {
      system_instruction: { parts: { text: 'Be brief.' } },
      contents: { parts: [{ inline_data: { mime_type: 'image/png', data: 'AA==' } }] },
      generation_config: {
        max_output_tokens: 9,
        thinking_config: { thinking_level: 'LOW', include_thoughts: true },
      },
    };
    expect(decoded(camel)).toEqual(decoded(snake));
    expect(decoded(camel)).toEqual({
      model: 'gemini-3-pro',
      stream: false,
      maxTokens: 9,
      reasoning: { effort: 'low', include: true },
      messages: [
        { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] },
        {
          role: 'user',
          parts: [{ type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AA==' } }],
        },
      ],
    });
  });

  it('gets stable ids for calls without one, answered by name and in order', () => {
    const body = {
      contents: [
        { role: 'user', parts: [{ text: 'Go' }] },
        {
          role: 'model',
          parts: [
            { functionCall: { name: 'look', args: { n: 1 } }, thoughtSignature: 'c2ln' },
            { functionCall: { name: 'look', args: { n: 2 } } },
          ],
        },
        {
          role: 'function',
          parts: [
            { functionResponse: { name: 'look', response: { output: 'one' } } },
            { functionResponse: { name: 'look', response: { value: 2 } } },
          ],
        },
      ],
    };
    const { messages } = decoded(body);
    expect(messages).toEqual(decoded(body).messages);
    expect(messages.slice(1)).toEqual([
      {
        role: 'assistant',
        parts: [
          { type: 'tool_call', id: 'gcall_1_0_0', name: 'look', arguments: '{"n":1}', signature: 'c2ln' },
          { type: 'tool_call', id: 'gcall_1_1_0', name: 'look', arguments: '{"n":2}' },
        ],
      },
      {
        role: 'tool',
        parts: [
          {
            type: 'tool_result',
            callId: 'gcall_1_0_0',
            name: 'look',
            content: [{ type: 'text', text: 'one' }],
          },
          {
            type: 'tool_result',
            callId: 'gcall_1_1_0',
            name: 'look',
            content: [{ type: 'text', text: '{"value":2}' }],
          },
        ],
      },
    ]);
    // The made ids are not told to Gemini.
    const again = codec.encodeRequest({ ...asked({ model: 'gemini-2.5-pro' }), messages }).body.contents;
    expect(JSON.stringify(again)).not.toContain('gcall_');
  });

  it('is one turn again when the client sends back a stream’s chunks as they came', () => {
    const model = (part: object) => ({ role: 'model', parts: [part] });
    const { messages } = decoded({
      contents: [
        model({ text: 'H', thought: true }),
        model({ text: 'm.', thought: true }),
        model({ text: '', thought: true, thoughtSignature: 'c2ln' }),
        model({ text: 'Hel' }),
        model({ text: 'lo' }),
        model({ functionCall: { id: 'a', name: 'look' } }),
        model({ text: '' }),
      ],
    });
    expect(messages).toEqual([
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'Hm.', signature: 'c2ln' },
          { type: 'text', text: 'Hello' },
          { type: 'tool_call', id: 'a', name: 'look', arguments: '{}' },
        ],
      },
    ]);
  });

  it('turns Gemini’s own schema dialect into JSON Schema', () => {
    const parameters = {
      type: 'OBJECT',
      properties: {
        city: { type: 'STRING', nullable: true, enum: ['Bonn'], format: 'enum' },
        days: { type: 'ARRAY', items: { type: 'INTEGER', format: 'int32' }, maxItems: '3' },
        type: { anyOf: [{ type: 'STRING' }, { type: 'NUMBER' }] },
      },
      required: ['city'],
      propertyOrdering: ['city', 'days'],
    };
    const { tools } = decoded({
      contents: [],
      tools: [{ functionDeclarations: [{ name: 'f', parameters }, { name: 'g' }] }],
    });
    expect(tools).toEqual([
      {
        name: 'f',
        parameters: {
          type: 'object',
          properties: {
            city: { type: ['string', 'null'], enum: ['Bonn', null] },
            days: { type: 'array', items: { type: 'integer', format: 'int32' }, maxItems: 3 },
            type: { anyOf: [{ type: 'string' }, { type: 'number' }] },
          },
          required: ['city'],
        },
      },
      { name: 'g', parameters: { type: 'object', properties: {} } },
    ]);
  });

  it('keeps Google’s own parameters and tools for Gemini', () => {
    const body = {
      contents: [{ role: 'user', parts: [{ text: 'Hi' }] }],
      safetySettings: [{ category: 'X', threshold: 'BLOCK_NONE' }],
      cachedContent: 'cachedContents/1',
      tools: [{ functionDeclarations: [{ name: 'f', parametersJsonSchema: {} }] }, { googleSearch: {} }],
      toolConfig: { functionCallingConfig: { mode: 'VALIDATED' }, retrievalConfig: { languageCode: 'de' } },
      generationConfig: { topK: 5, responseModalities: ['TEXT'], thinkingConfig: { thinkingBudget: -1 } },
    };
    const { request, dropped } = codec.decodeRequest(body, PATH);
    expect(dropped).toEqual([]);
    expect(codec.encodeRequest(request).body).toEqual(body);
  });

  it.each([
    [{ contents: 7 }, 'contents'],
    [{ contents: [{ role: 'system', parts: [] }] }, 'contents[0].role'],
    [{ contents: [{ parts: [{ text: 7 }] }] }, 'contents[0].parts[0].text'],
    [
      { contents: [{ parts: [{ inlineData: { data: 'AA==' } }] }] },
      'contents[0].parts[0].inlineData.mimeType',
    ],
    [
      { contents: [{ role: 'model', parts: [{ functionCall: { name: '' } }] }] },
      'contents[0].parts[0].functionCall.name',
    ],
    [{ contents: [], generationConfig: { topP: 7 } }, 'generationConfig.topP'],
    [{ contents: [], tools: [{ functionDeclarations: [{}] }] }, 'tools[0].functionDeclarations[0].name'],
    [
      { contents: [], toolConfig: { functionCallingConfig: { mode: 'SOMETIMES' } } },
      'toolConfig.functionCallingConfig.mode',
    ],
  ])('is refused with the field to blame: %j', (wrong, param) => {
    expect(() => decoded(wrong)).toThrow(ParallaxError);
    try {
      decoded(wrong);
    } catch (error) {
      expect((error as ParallaxError).param).toBe(param);
    }
  });
});
