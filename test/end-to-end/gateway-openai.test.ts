import OpenAI from 'openai';
import { zodFunction, zodResponseFormat } from 'openai/helpers/zod';
import { beforeAll, describe, it } from 'vitest';
import {
  addResponder,
  CITIES,
  EVERY,
  MODELS,
  mark,
  openAi,
  PDF,
  PIXEL,
  PIXEL_BYTES,
  QUESTION,
  STAND_IN,
  sentWith,
  VERDICT,
  WEATHER,
  WEATHER_QUESTION,
  weatherIn,
  weatherInput,
} from './gateway-clients.ts';

beforeAll(addResponder);

type Params = OpenAI.ChatCompletionCreateParamsNonStreaming;

/** The completion that the client gets in a form: as it came, or put together by the client's own stream helper. */
async function complete(form: string, params: Params): Promise<OpenAI.ChatCompletion> {
  if (form === 'whole') return openAi().chat.completions.create(params);
  return openAi()
    .chat.completions.stream({ ...params, stream: true, stream_options: { include_usage: true } })
    .finalChatCompletion();
}

const tool: OpenAI.ChatCompletionFunctionTool = {
  type: 'function',
  function: { name: WEATHER.name, description: WEATHER.description, parameters: { ...WEATHER.schema } },
};
const callsOf = (completion: OpenAI.ChatCompletion) =>
  (completion.choices[0]?.message.tool_calls ?? []).filter((call) => call.type === 'function');

describe.concurrent('a chat completion', () => {
  it.for(EVERY)(
    'of %s, %s, takes up system text and earlier turns, and tells its usage',
    async ([model, form], { expect }) => {
      const completion = await complete(form, {
        model,
        messages: [
          { role: 'developer', content: 'You are a harbour master.' },
          { role: 'user', content: 'Which knots hold best in rain?' },
          { role: 'assistant', content: 'A bowline holds well in rain.' },
          { role: 'user', content: [{ type: 'text', text: QUESTION }] },
        ],
      });
      const [choice] = completion.choices;
      expect(choice?.message.role).toBe('assistant');
      expect(choice?.message.content).toContain(STAND_IN);
      expect(choice?.message.content).toContain('before it you asked about “Which knots hold best in rain”');
      expect(choice?.message.content).toMatch(/harbour master/i);
      expect(choice?.finish_reason).toBe('stop');
      expect(completion.object).toBe('chat.completion');
      expect(completion.created).toBeGreaterThan(1_700_000_000);
      const { usage } = completion;
      expect(usage?.prompt_tokens).toBeGreaterThan(10);
      expect(usage?.completion_tokens).toBeGreaterThan(20);
      expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0));
    },
  );

  it.for(EVERY)('of %s, %s, that reaches its bound says so', async ([model, form], { expect }) => {
    const completion = await complete(form, {
      model,
      messages: [{ role: 'user', content: QUESTION }],
      [form === 'whole' ? 'max_tokens' : 'max_completion_tokens']: 16,
    });
    expect(completion.choices[0]?.finish_reason).toBe('length');
    expect(completion.usage?.completion_tokens).toBe(16);
  });

  it.for(EVERY)(
    'of %s, %s, ends at a stop sequence or is refused by name',
    async ([model, form], { expect }) => {
      const asked = complete(form, {
        model,
        messages: [{ role: 'user', content: QUESTION }],
        stop: ['stand-in'],
      });
      if (model === 'local/responder') {
        const error = await asked.catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(OpenAI.BadRequestError);
        expect(error).toMatchObject({ param: 'stop', code: 'unsupported_parameter' });
        return;
      }
      const [choice] = (await asked).choices;
      expect(choice?.finish_reason).toBe('stop');
      expect(choice?.message.content).toMatch(/a local $/);
    },
  );
});

describe.concurrent('tools in chat completions', () => {
  it.for(EVERY)('run to a conclusion with %s, %s', async ([model, form], { expect }) => {
    const asked: string[] = [];
    const params = {
      model,
      messages: [{ role: 'user' as const, content: WEATHER_QUESTION }],
      tools: [
        zodFunction({
          name: WEATHER.name,
          description: WEATHER.description,
          parameters: weatherInput,
          function: ({ city }) => {
            asked.push(city);
            return weatherIn(city);
          },
        }),
      ],
    };
    const runner =
      form === 'whole'
        ? openAi().chat.completions.runTools(params)
        : openAi().chat.completions.runTools({ ...params, stream: true });
    const answer = await runner.finalContent();
    expect(asked).toEqual(CITIES);
    for (const city of CITIES) expect(answer).toContain(`returned “${weatherIn(city)}”`);
    expect(runner.messages.map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'tool',
      'tool',
      'assistant',
    ]);
  });

  it.for(EVERY)('are called when %s must, %s', async ([model, form], { expect }) => {
    const messages = [{ role: 'user' as const, content: 'Good morning.' }];
    const required = await complete(form, { model, messages, tools: [tool], tool_choice: 'required' });
    expect(callsOf(required).map((call) => call.function.name)).toEqual([WEATHER.name]);
    expect(required.choices[0]?.finish_reason).toBe('tool_calls');
    const other = {
      type: 'function' as const,
      function: { name: 'other', parameters: { type: 'object', properties: {} } },
    };
    const named = await complete(form, {
      model,
      messages,
      tools: [tool, other],
      tool_choice: { type: 'function', function: { name: 'other' } },
    });
    expect(callsOf(named).map((call) => call.function)).toMatchObject([{ name: 'other', arguments: '{}' }]);
    const none = await complete(form, {
      model,
      messages: [{ role: 'user', content: WEATHER_QUESTION }],
      tools: [tool],
      tool_choice: 'none',
    });
    expect(callsOf(none)).toEqual([]);
    expect(none.choices[0]?.message.content).toContain(STAND_IN);
  });
});

describe.concurrent('structured output of chat completions', () => {
  it.for(EVERY)('of %s, %s, parses to what the schema says', async ([model, form], { expect }) => {
    const params = {
      model,
      messages: [{ role: 'user' as const, content: QUESTION }],
      response_format: zodResponseFormat(VERDICT, 'verdict'),
    };
    const completion =
      form === 'whole'
        ? await openAi().chat.completions.parse(params)
        : await openAi().chat.completions.stream(params).finalChatCompletion();
    const parsed = completion.choices[0]?.message.parsed;
    expect(VERDICT.safeParse(parsed).error).toBeUndefined();
  });
});

describe.concurrent('pictures and files in chat completions', () => {
  it.for(EVERY)('reach %s, %s', async ([model, form], { expect }) => {
    const text = `What is this? ${mark()}`;
    const completion = await complete(form, {
      model,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text },
            { type: 'image_url', image_url: { url: `data:image/png;base64,${PIXEL}` } },
            { type: 'image_url', image_url: { url: 'https://example.com/cat.png' } },
            { type: 'file', file: { filename: 'plan.pdf', file_data: `data:application/pdf;base64,${PDF}` } },
          ],
        },
      ],
    });
    const answer = completion.choices[0]?.message.content;
    expect(answer).toContain(`an image (image/png, ${PIXEL_BYTES} bytes)`);
    expect(answer).toMatch(/an image \(image\/(\*|png), linked\)/);
    expect(answer).toContain('plan.pdf, application/pdf');
    const [sent] = await sentWith(text);
    expect(JSON.stringify(sent?.body)).toContain('https://example.com/cat.png');
  });
});

describe.concurrent('several answers', () => {
  it.for(EVERY)('of %s, %s, are given or refused by name', async ([model, form], { expect }) => {
    const asked = complete(form, { model, messages: [{ role: 'user', content: QUESTION }], n: 2 });
    if (model === 'local/sage' || model === 'local/responder') {
      expect(await asked.catch((thrown: unknown) => thrown)).toMatchObject({
        status: 400,
        param: 'n',
        code: 'unsupported_parameter',
      });
      return;
    }
    const { choices } = await asked;
    expect(choices.map(({ index, finish_reason }) => [index, finish_reason])).toEqual([
      [0, 'stop'],
      [1, 'stop'],
    ]);
    expect(choices[0]?.message.content).not.toBe(choices[1]?.message.content);
  });
});

describe.concurrent('a chunked completion', () => {
  const chunksOf = async (params: Omit<OpenAI.ChatCompletionCreateParamsStreaming, 'stream'>) =>
    Array.fromAsync(await openAi().chat.completions.create({ ...params, stream: true }));
  const messages = [{ role: 'user' as const, content: QUESTION }];

  it.for(MODELS)(
    'of %s tells its usage and cost at the end when asked, and not otherwise',
    async (model, { expect }) => {
      const silent = await chunksOf({ model, messages });
      expect(silent.filter(({ usage }) => usage != null)).toEqual([]);
      expect(silent.every(({ choices }) => choices.length > 0)).toBe(true);
      const told = await chunksOf({ model, messages, stream_options: { include_usage: true } });
      expect(told.map(({ usage }) => usage != null)).toEqual([...Array(told.length - 1).fill(false), true]);
      expect(told.at(-1)).toMatchObject({ choices: [], 'x-parallax-cost-usd': 0 });
      expect(new Set(told.map(({ id }) => id)).size).toBe(1);
      expect(textOf(told)).toBe(textOf(silent));
    },
  );

  it.for(MODELS)('of %s says what the whole one says', async (model, { expect }) => {
    const whole = await openAi().chat.completions.create({ model, messages });
    expect(textOf(await chunksOf({ model, messages }))).toBe(whole.choices[0]?.message.content);
  });

  const textOf = (chunks: readonly OpenAI.ChatCompletionChunk[]) =>
    chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
});

describe.concurrent('one tool at a time', () => {
  it.for(EVERY)('is what %s calls, %s, when told so', async ([model, form], { expect }) => {
    const completion = await complete(form, {
      model,
      messages: [{ role: 'user', content: WEATHER_QUESTION }],
      tools: [tool],
      parallel_tool_calls: false,
    });
    expect(callsOf(completion)).toMatchObject([{ function: { arguments: '{"city":"Paris"}' } }]);
    expect(completion.choices[0]?.finish_reason).toBe('tool_calls');
  });
});

describe.concurrent('what a completion may ask besides', () => {
  const messages = [{ role: 'user' as const, content: QUESTION }];

  it.for(MODELS)(
    'is taken by %s, or named in a header where it is only advice',
    async (model, { expect }) => {
      const text = `${QUESTION} ${mark()}`;
      const { data, response } = await openAi()
        .chat.completions.create({
          model,
          messages: [{ role: 'user', content: text }],
          metadata: { ticket: '12' },
          prompt_cache_key: 'session-1',
          safety_identifier: 'user-1',
          service_tier: 'auto',
          store: false,
          verbosity: 'low',
          temperature: 0.3,
          top_p: 0.9,
        })
        .withResponse();
      expect(data.choices[0]?.message.content).toContain(STAND_IN);
      const [sent] = await sentWith(text);
      expect(sent?.body.temperature ?? sent?.body.generationConfig?.temperature).toBe(0.3);
      const dropped = response.headers.get('x-parallax-dropped');
      if (model === 'local/swift') expect(dropped).toBeNull();
      else expect(dropped).toContain('store');
    },
  );

  it.for(MODELS)('tells the thoughts of %s where the format has them', async (model, { expect }) => {
    const completion = await openAi().chat.completions.create({ model, messages, reasoning_effort: 'low' });
    expect(completion.choices[0]?.message.content).toContain(STAND_IN);
  });

  it.for(MODELS)(
    'about log-probabilities is passed on to %s or refused by name',
    async (model, { expect }) => {
      const asked = openAi().chat.completions.create({ model, messages, logprobs: true, top_logprobs: 2 });
      if (model === 'local/sage') {
        expect(await asked.catch((thrown: unknown) => thrown)).toMatchObject({
          status: 400,
          param: 'logprobs',
        });
        return;
      }
      expect((await asked).choices[0]?.logprobs ?? null).toBeNull();
    },
  );
});

describe.concurrent('the rest of a completion', () => {
  it.for(EVERY)('tells what %s, %s, had in its cache', async ([model, form], { expect }) => {
    const { usage } = await complete(form, {
      model,
      messages: [{ role: 'user', content: `[[cached:7]] ${QUESTION}` }],
    });
    expect(usage?.prompt_tokens_details?.cached_tokens).toBe(7);
    expect(usage?.prompt_tokens).toBeGreaterThanOrEqual(7);
  });

  it.for(MODELS)('takes sound where %s does, and is refused by name where not', async (model, { expect }) => {
    const data = Buffer.from('RIFF').toString('base64');
    const asked = openAi().chat.completions.create({
      model,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: QUESTION },
            { type: 'input_audio', input_audio: { data, format: 'wav' } },
          ],
        },
      ],
    });
    if (model === 'local/sage') {
      const error = await asked.catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        status: 400,
        param: 'messages[0].content[1]',
        code: 'unsupported_parameter',
      });
      return;
    }
    expect((await asked).choices[0]?.message.content).toContain('audio (audio/wav, 4 bytes)');
  });
});
