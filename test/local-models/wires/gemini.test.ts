import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalModels } from '../server.ts';
import { ask, quickModels } from '../wire-client.ts';

let models: LocalModels;
beforeAll(async () => {
  models = await quickModels();
});
afterAll(() => models.close());

const contents = [{ role: 'user', parts: [{ text: 'Is solar power cheaper than wind?' }] }];
const call = (body: object, method = 'generateContent', model = 'scribe') =>
  ask(`${models.url}/v1beta/models/${model}:${method}`, { contents, ...body });
const STREAM = 'streamGenerateContent?alt=sse';

describe('Gemini generateContent', () => {
  it('answers in the real shape, usage included', async () => {
    const { json } = await call({ systemInstruction: { parts: [{ text: 'Act as a sceptic.' }] } });
    expect(json).toMatchObject({
      candidates: [
        {
          content: { role: 'model', parts: [{ text: expect.stringContaining('Speaking as a sceptic') }] },
          finishReason: 'STOP',
          index: 0,
        },
      ],
      modelVersion: 'scribe',
      responseId: expect.any(String),
      usageMetadata: { promptTokensDetails: [{ modality: 'TEXT' }] },
    });
    const usage = json.usageMetadata as unknown as {
      promptTokenCount: number;
      candidatesTokenCount: number;
      totalTokenCount: number;
    };
    expect(usage.totalTokenCount).toBe(usage.promptTokenCount + usage.candidatesTokenCount);
  });

  it('streams chunks with CRLF, the finish reason in the last alone, usage in each', async () => {
    const whole = await call({});
    const { text, events } = await call({}, STREAM);
    expect(text).toContain('\r\n\r\n');
    expect(events.map((event) => event.data.candidates?.[0]?.content?.parts?.[0]?.text).join('')).toBe(
      whole.json.candidates?.[0]?.content?.parts?.[0]?.text,
    );
    expect(events.filter((event) => event.data.candidates?.[0]?.finishReason !== undefined)).toEqual([
      events.at(-1),
    ]);
    expect(events.at(-1)?.data.usageMetadata).toEqual(whole.json.usageMetadata);
  });

  it('streams a JSON array when server-sent events are not asked for', async () => {
    const streamed = await call({}, STREAM);
    const { headers, json } = await call({}, 'streamGenerateContent');
    expect(headers.get('content-type')).toContain('application/json');
    expect(json).toHaveLength(streamed.events.length);
  });

  it('reads snake_case as well', async () => {
    const { json } = await call({
      generation_config: { max_output_tokens: 3 },
      system_instruction: { parts: [{ text: 'Act as a poet.' }] },
    });
    expect(json).toMatchObject({
      candidates: [{ finishReason: 'MAX_TOKENS', content: { parts: [{ text: 'Speaking as a' }] } }],
    });
  });

  it('thinks aloud only when asked to include thoughts, and counts thoughts apart', async () => {
    const shown = await call({ generationConfig: { thinkingConfig: { includeThoughts: true } } });
    expect(shown.json.candidates?.[0]?.content?.parts).toMatchObject([
      { thought: true },
      { text: expect.any(String) },
    ]);
    const hidden = await call({ generationConfig: { thinkingConfig: { thinkingBudget: 100 } } });
    expect(hidden.json.candidates?.[0]?.content?.parts).toHaveLength(1);
    expect(hidden.json.usageMetadata).toEqual(shown.json.usageMetadata);
    expect(Number(hidden.json.usageMetadata?.thoughtsTokenCount)).toBeGreaterThan(5);
  });

  it('calls functions in parallel, whole, and takes their responses', async () => {
    const asked = [{ role: 'user', parts: [{ text: 'What is the weather in Paris and Rome?' }] }];
    const tools = [
      {
        functionDeclarations: [
          {
            name: 'get_weather',
            description: 'x',
            parameters: { type: 'OBJECT', properties: { city: { type: 'STRING' } }, required: ['city'] },
          },
        ],
      },
    ];
    const { json, events } = {
      ...(await call({ contents: asked, tools })),
      events: (await call({ contents: asked, tools }, STREAM)).events,
    };
    const content = json.candidates?.[0]?.content;
    expect(content?.parts).toMatchObject([
      { functionCall: { args: { city: 'Paris' } } },
      { functionCall: { args: { city: 'Rome' } } },
    ]);
    expect(events).toHaveLength(2);
    const results = {
      role: 'user',
      parts: [{ functionResponse: { name: 'get_weather', response: { output: 'fog' } } }],
    };
    const after = await call({ contents: [...asked, content, results], tools });
    expect(after.json.candidates?.[0]?.content?.parts?.[0]?.text).toContain('get_weather returned “fog”');
  });

  it('fills schemas in both dialects, keeping the property order', async () => {
    const generationConfig = {
      responseMimeType: 'application/json',
      responseSchema: {
        type: 'OBJECT',
        properties: { a: { type: 'STRING', nullable: true }, b: { type: 'INTEGER', minimum: 3, maximum: 4 } },
        propertyOrdering: ['b', 'a'],
      },
    };
    const { json } = await call({ generationConfig });
    expect(String(json.candidates?.[0]?.content?.parts?.[0]?.text)).toMatch(/^\{"b":[34],"a":"/);
    const standard = await call({
      generationConfig: {
        responseMimeType: 'application/json',
        responseJsonSchema: { type: 'object', properties: { c: { const: 5 } } },
      },
    });
    expect(standard.json.candidates?.[0]?.content?.parts?.[0]?.text).toBe('{"c":5}');
  });

  it('refuses by SAFETY without content, or blocks the prompt', async () => {
    const refused = await call({}, 'generateContent', 'refuses');
    expect(refused.json.candidates?.[0]).toMatchObject({
      finishReason: 'SAFETY',
      safetyRatings: expect.arrayContaining([expect.objectContaining({ blocked: true })]),
    });
    expect(refused.json.candidates?.[0]).not.toHaveProperty('content');
    const blocked = await call({ contents: [{ parts: [{ text: 'x [[prompt-block]]' }] }] });
    expect(blocked.json).toMatchObject({ promptFeedback: { blockReason: 'SAFETY' } });
    expect(blocked.json).not.toHaveProperty('candidates');
  });

  it('counts tokens, lists models and finds a model under local/', async () => {
    const counted = await call({}, 'countTokens');
    expect(counted.json.totalTokens).toBe(9);
    const list = await ask(`${models.url}/v1beta/models?pageSize=2`, undefined, {
      method: 'GET',
      body: null,
    });
    expect(list.json).toMatchObject({
      models: [{ name: 'models/swift', supportedGenerationMethods: ['generateContent', 'countTokens'] }, {}],
      nextPageToken: '2',
    });
    expect((await call({}, 'generateContent', 'local%2Fswift')).json.modelVersion).toBe('swift');
  });

  it('embeds one content and many', async () => {
    const content = { parts: [{ text: 'tea' }] };
    const one = await ask(`${models.url}/v1beta/models/embed:embedContent`, {
      content,
      outputDimensionality: 32,
    });
    expect(one.json.embedding?.values).toHaveLength(32);
    const many = await ask(`${models.url}/v1beta/models/embed:batchEmbedContents`, {
      requests: [{ model: 'models/embed', content }, { content }],
    });
    expect(many.json.embeddings).toHaveLength(2);
  });

  it.each([
    ['no contents', { contents: undefined }, 400, 'INVALID_ARGUMENT'],
    ['a field that it does not know', { temperature: 1 }, 400, 'INVALID_ARGUMENT'],
    ['a part without data', { contents: [{ parts: [{}] }] }, 400, 'INVALID_ARGUMENT'],
    ['a schema for plain text', { generationConfig: { responseSchema: {} } }, 400, 'INVALID_ARGUMENT'],
  ])('refuses %s', async (_what, body, code, status) => {
    const asked = await call(body);
    expect(asked.status).toBe(code);
    expect(asked.json.error).toMatchObject({ code, status, message: expect.any(String) });
  });

  it('fails in an array where it would have streamed an array', async () => {
    const asked = await call({}, 'streamGenerateContent', 'nobody');
    expect(asked.status).toBe(404);
    expect(asked.json).toMatchObject([{ error: { code: 404, status: 'NOT_FOUND' } }]);
  });
});
