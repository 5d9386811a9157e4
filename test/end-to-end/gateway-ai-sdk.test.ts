import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import {
  APICallError,
  cosineSimilarity,
  embed,
  embedMany,
  generateText,
  isStepCount,
  type LanguageModel,
  type ModelMessage,
  Output,
  streamText,
  tool,
} from 'ai';
import { beforeAll, describe, inject, it } from 'vitest';
import {
  addResponder,
  CITIES,
  EVERY,
  MODELS,
  PDF,
  PIXEL,
  PIXEL_BYTES,
  QUESTION,
  STAND_IN,
  VERDICT,
  WEATHER,
  WEATHER_QUESTION,
  weatherIn,
  weatherInput,
} from './gateway-clients.ts';

globalThis.AI_SDK_LOG_WARNINGS = false;

beforeAll(addResponder);

const openai = () => createOpenAI({ baseURL: `${inject('baseUrl')}/v1`, apiKey: inject('apiKey') });
const anthropic = () => createAnthropic({ baseURL: `${inject('baseUrl')}/v1`, apiKey: inject('apiKey') });

/** The ways in which the AI SDK speaks to a gateway. */
const PROVIDERS: Record<string, (model: string) => LanguageModel> = {
  chat: (model) => openai().chat(model),
  responses: (model) => openai().responses(model),
  messages: (model) => anthropic()(model),
};
const every = Object.keys(PROVIDERS).flatMap((provider) =>
  EVERY.map(([model, form]) => [provider, model, form] as const),
);
const modelOf = (provider: string, model: string) => PROVIDERS[provider]?.(model) ?? '';

/** OpenAI keeps what it answers, and the AI SDK then refers to it by id; no other provider does. */
const NOT_KEPT = { providerOptions: { openai: { store: false } } };

type Options = Parameters<typeof generateText>[0];

/** What the caller gets in a form. */
async function generate(form: string, options: Options) {
  if (form === 'whole') {
    const { text, usage, finishReason, toolCalls, steps, responseMessages, warnings } =
      await generateText(options);
    return { text, usage, finishReason, toolCalls, steps, messages: responseMessages, warnings };
  }
  const errors: unknown[] = [];
  const result = streamText({ ...options, onError: ({ error }) => void errors.push(error) });
  let streamed = '';
  for await (const piece of result.textStream) streamed += piece;
  if (errors.length > 0) throw errors[0];
  return {
    text: streamed,
    usage: await result.usage,
    finishReason: await result.finishReason,
    toolCalls: await result.toolCalls,
    steps: await result.steps,
    messages: await result.responseMessages,
    warnings: await result.warnings,
  };
}

describe.concurrent('the AI SDK', () => {
  it.for(every)(
    'over %s gets an answer of %s, %s, with its usage',
    async ([provider, model, form], { expect }) => {
      const answer = await generate(form, {
        model: modelOf(provider, model),
        instructions: 'You are a harbour master.',
        messages: [
          { role: 'user', content: 'Which knots hold best in rain?' },
          { role: 'assistant', content: 'A bowline holds well in rain.' },
          { role: 'user', content: QUESTION },
        ],
      });
      expect(answer.text).toContain('Speaking as a harbour master');
      expect(answer.text).toContain('before it you asked about “Which knots hold best in rain”');
      expect(answer.text).toContain(STAND_IN);
      expect(answer.finishReason).toBe('stop');
      expect(answer.usage.inputTokens).toBeGreaterThan(10);
      expect(answer.usage.outputTokens).toBeGreaterThan(20);
    },
  );
});

describe.concurrent('tools of the AI SDK', () => {
  const tools = {
    [WEATHER.name]: tool({
      description: WEATHER.description,
      inputSchema: weatherInput,
      execute: ({ city }) => weatherIn(city),
    }),
  };

  it.for(every)('over %s run to a conclusion with %s, %s', async ([provider, model, form], { expect }) => {
    const answer = await generate(form, {
      model: modelOf(provider, model),
      prompt: WEATHER_QUESTION,
      tools,
      stopWhen: isStepCount(3),
      ...NOT_KEPT,
    });
    expect(answer.steps).toHaveLength(2);
    const inputs = answer.steps[0]?.toolCalls.map(({ input }) => input);
    expect(inputs).toEqual(CITIES.map((city) => ({ city })));
    for (const city of CITIES) expect(answer.text).toContain(`returned “${weatherIn(city)}”`);
    expect(answer.finishReason).toBe('stop');
  });

  it.for(every)('over %s are called when %s must, %s', async ([provider, model, form], { expect }) => {
    const common = { model: modelOf(provider, model), prompt: 'Good morning.' };
    const other = tool({ description: 'Another', inputSchema: weatherInput });
    const required = await generate(form, { ...common, tools: { other }, toolChoice: 'required' });
    expect(required.toolCalls.map(({ toolName }) => toolName)).toEqual(['other']);
    expect(required.finishReason).toBe('tool-calls');
    const named = await generate(form, {
      ...common,
      tools: { ...tools, other },
      toolChoice: { type: 'tool', toolName: 'other' },
    });
    expect(named.toolCalls.map(({ toolName }) => toolName)).toEqual(['other']);
    const none = await generate(form, { ...common, prompt: WEATHER_QUESTION, tools, toolChoice: 'none' });
    expect(none.toolCalls).toEqual([]);
  });
});

describe.concurrent('structured output of the AI SDK', () => {
  it.for(every)('over %s of %s, %s, is what the schema says', async ([provider, model, form], { expect }) => {
    const options = {
      model: modelOf(provider, model),
      prompt: QUESTION,
      output: Output.object({ schema: VERDICT }),
    };
    const output = form === 'whole' ? (await generateText(options)).output : await streamText(options).output;
    expect(VERDICT.safeParse(output).error).toBeUndefined();
  });
});

describe.concurrent('pictures and files of the AI SDK', () => {
  it.for(every)('over %s reach %s, %s', async ([provider, model, form], { expect }) => {
    const { text } = await generate(form, {
      model: modelOf(provider, model),
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'file', data: PIXEL, mediaType: 'image/png' },
            { type: 'file', data: PDF, mediaType: 'application/pdf', filename: 'plan.pdf' },
          ],
        },
      ],
    });
    expect(text).toContain(`an image (image/png, ${PIXEL_BYTES} bytes)`);
    expect(text).toContain('plan.pdf, application/pdf');
  });
});

describe.concurrent('a conversation of the AI SDK', () => {
  it.for(every)('over %s goes on with what %s said, %s', async ([provider, model, form], { expect }) => {
    const question: ModelMessage = { role: 'user', content: 'Which knots hold best in rain?' };
    const first = await generate(form, {
      model: modelOf(provider, model),
      messages: [question],
      ...NOT_KEPT,
    });
    const second = await generate(form, {
      model: modelOf(provider, model),
      messages: [question, ...first.messages, { role: 'user', content: QUESTION }],
      ...NOT_KEPT,
    });
    expect(second.text).toContain('My earlier answer held that');
  });

  it.for(every)('over %s says that %s reached its bound, %s', async ([provider, model, form], { expect }) => {
    const answer = await generate(form, {
      model: modelOf(provider, model),
      prompt: QUESTION,
      maxOutputTokens: 16,
    });
    expect(answer.finishReason).toBe('length');
    expect(answer.usage.outputTokens).toBe(16);
  });

  it.for(MODELS)('with thoughts over responses and messages keeps them for %s', async (model, { expect }) => {
    const { steps } = await generateText({
      model: anthropic()(model),
      prompt: WEATHER_QUESTION,
      tools: {
        [WEATHER.name]: tool({
          description: WEATHER.description,
          inputSchema: weatherInput,
          execute: ({ city }) => weatherIn(city),
        }),
      },
      stopWhen: isStepCount(3),
      maxOutputTokens: 4_000,
      providerOptions: { anthropic: { thinking: { type: 'enabled', budgetTokens: 1_024 } } },
    });
    expect(steps).toHaveLength(2);
  });
});

describe.concurrent('embeddings of the AI SDK', () => {
  it('are vectors of the texts, and their usage is told', async ({ expect }) => {
    const { embedding, usage } = await embed({
      model: openai().embedding('local/embed'),
      value: 'A cat on a mat',
    });
    expect(embedding).toHaveLength(256);
    expect(usage.tokens).toBeGreaterThan(0);
    const { embeddings } = await embedMany({
      model: openai().embedding('local/embed'),
      values: ['A cat on a mat', 'The tax return of a bank', 'A cat sat on the mat'],
    });
    const [cat = [], bank = [], mat = []] = embeddings;
    expect(cat).toEqual(embedding);
    expect(cosineSimilarity(cat, mat)).toBeGreaterThan(cosineSimilarity(cat, bank));
  });
});

describe.concurrent('an error of the AI SDK', () => {
  const errorOf = (work: PromiseLike<unknown>) =>
    Promise.resolve(work).then(
      () => undefined,
      (error: unknown) => error,
    );

  it.for(Object.keys(PROVIDERS))(
    'over %s says what is wrong, and whether to try again',
    async (provider, { expect }) => {
      const ask = (model: string, prompt: string) =>
        errorOf(generateText({ model: modelOf(provider, model), prompt, maxRetries: 0 }));
      const unknown = await ask('local/swif', QUESTION);
      expect(APICallError.isInstance(unknown)).toBe(true);
      expect(unknown).toMatchObject({ statusCode: 404, isRetryable: false });
      expect(String(unknown)).toContain('local/swift');
      expect(await ask('local/swift', '[[status:400]]')).toMatchObject({
        statusCode: 400,
        isRetryable: false,
      });
      expect(await ask('local/sage', '[[status:429]]')).toMatchObject({ statusCode: 429, isRetryable: true });
      expect(await ask('local/scribe', '[[status:500]]')).toMatchObject({
        statusCode: 502,
        isRetryable: true,
      });
    },
  );

  it.for(every.filter(([, , form]) => form === 'streamed'))(
    'over %s in the middle of what %s says ends the stream after what was said, %s',
    async ([provider, model], { expect }) => {
      const errors: unknown[] = [];
      const { textStream } = streamText({
        model: modelOf(provider, model),
        prompt: `[[error-after:5]] ${QUESTION}`,
        maxRetries: 0,
        onError: ({ error }) => void errors.push(error),
      });
      let text = '';
      for await (const piece of textStream) text += piece;
      expect(text).not.toBe('');
      expect(errors).toHaveLength(1);
      expect(String(errors[0])).toMatch(/overloaded/i);
    },
  );

  it.for(MODELS)('names what %s was referred to that only OpenAI keeps', async (model, { expect }) => {
    const question: ModelMessage = { role: 'user', content: QUESTION };
    const first = await generateText({ model: openai()(model), messages: [question] });
    const error = await errorOf(
      generateText({
        model: openai()(model),
        messages: [question, ...first.responseMessages, question],
        maxRetries: 0,
      }),
    );
    expect(APICallError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ isRetryable: false });
    if (model !== 'local/responder') expect(String(error)).toContain('Send the whole conversation');
  });

  it.for(Object.keys(PROVIDERS))('over %s is none when it is told to stop', async (provider, { expect }) => {
    const controller = new AbortController();
    const { stream } = streamText({
      model: modelOf(provider, 'local/sage'),
      prompt: `In 400 words: ${QUESTION}`,
      abortSignal: controller.signal,
      onError: () => undefined,
    });
    const types = new Set<string>();
    for await (const { type } of stream) {
      types.add(type);
      if (type === 'text-delta') controller.abort();
    }
    expect(types).toContain('abort');
    expect(types).not.toContain('error');
  });
});
