import type Anthropic from '@anthropic-ai/sdk';
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { beforeAll, describe, it } from 'vitest';
import {
  addResponder,
  anthropic,
  CITIES,
  EVERY,
  MODELS,
  mark,
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

type Params = Anthropic.MessageCreateParamsNonStreaming;

/** The message that the client gets in a form: as it came, or put together by the client's own stream helper. */
async function message(form: string, params: Params): Promise<Anthropic.Message> {
  if (form === 'whole') return anthropic().messages.create(params);
  return anthropic().messages.stream(params).finalMessage();
}

const tool: Anthropic.Tool = {
  name: WEATHER.name,
  description: WEATHER.description,
  input_schema: { ...WEATHER.schema, required: [...WEATHER.schema.required] },
};
const textOf = ({ content }: { readonly content: readonly { readonly type: string }[] }) =>
  content.map((block) => (block.type === 'text' ? (block as Anthropic.TextBlock).text : '')).join('');
const callsOf = ({ content }: Anthropic.Message) => content.filter((block) => block.type === 'tool_use');

describe.concurrent('a message', () => {
  it.for(EVERY)(
    'of %s, %s, takes up system text and earlier turns, and tells its usage',
    async ([model, form], { expect }) => {
      const answer = await message(form, {
        model,
        max_tokens: 1_000,
        system: [{ type: 'text', text: 'You are a harbour master.' }],
        messages: [
          { role: 'user', content: 'Which knots hold best in rain?' },
          { role: 'assistant', content: 'A bowline holds well in rain.' },
          { role: 'user', content: [{ type: 'text', text: QUESTION }] },
        ],
      });
      const text = textOf(answer);
      expect(text).toContain('Speaking as a harbour master');
      expect(text).toContain('before it you asked about “Which knots hold best in rain”');
      expect(text).toContain(STAND_IN);
      expect(answer).toMatchObject({
        type: 'message',
        role: 'assistant',
        stop_reason: 'end_turn',
        stop_sequence: null,
      });
      expect(answer.usage.input_tokens).toBeGreaterThan(10);
      expect(answer.usage.output_tokens).toBeGreaterThan(20);
    },
  );

  it.for(EVERY)('of %s, %s, that reaches its bound says so', async ([model, form], { expect }) => {
    const answer = await message(form, {
      model,
      max_tokens: 16,
      messages: [{ role: 'user', content: QUESTION }],
    });
    expect(answer.stop_reason).toBe('max_tokens');
    expect(answer.usage.output_tokens).toBe(16);
  });

  it.for(EVERY)(
    'of %s, %s, ends at a stop sequence or is refused by name',
    async ([model, form], { expect }) => {
      const asked = message(form, {
        model,
        max_tokens: 1_000,
        messages: [{ role: 'user', content: QUESTION }],
        stop_sequences: ['stand-in'],
      });
      if (model === 'local/responder') {
        expect(await asked.catch((thrown: unknown) => thrown)).toMatchObject({
          status: 400,
          type: 'invalid_request_error',
          message: expect.stringContaining('`stop_sequences`'),
        });
        return;
      }
      const answer = await asked;
      expect(textOf(answer)).toMatch(/a local $/);
      // OpenAI's formats do not tell which sequence ended an answer, or that one did.
      if (model === 'local/sage')
        expect(answer).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: 'stand-in' });
      else expect(answer.stop_reason).toBe('end_turn');
    },
  );

  it.for(MODELS)(
    'of %s is told in the order of the format, and says what the whole one says',
    async (model, { expect }) => {
      const params = { model, max_tokens: 1_000, messages: [{ role: 'user' as const, content: QUESTION }] };
      const events = await Array.fromAsync(await anthropic().messages.create({ ...params, stream: true }));
      const types = events.map(({ type }) => type);
      expect(types.slice(0, 2)).toEqual(['message_start', 'content_block_start']);
      expect(types.slice(-3)).toEqual(['content_block_stop', 'message_delta', 'message_stop']);
      const said = events.map((event) =>
        event.type === 'content_block_delta' && event.delta.type === 'text_delta' ? event.delta.text : '',
      );
      expect(said.join('')).toBe(textOf(await message('whole', params)));
    },
  );
});

describe.concurrent('tools in messages', () => {
  it.for(EVERY)('run to a conclusion with %s, %s', async ([model, form], { expect }) => {
    const asked: string[] = [];
    const runner = anthropic().beta.messages.toolRunner({
      model,
      max_tokens: 1_000,
      messages: [{ role: 'user', content: WEATHER_QUESTION }],
      tools: [
        betaZodTool({
          name: WEATHER.name,
          description: WEATHER.description,
          inputSchema: weatherInput,
          run: ({ city }) => {
            asked.push(city);
            return weatherIn(city);
          },
        }),
      ],
      stream: form === 'streamed',
    });
    const text = textOf(await runner.runUntilDone());
    expect(asked).toEqual(CITIES);
    for (const city of CITIES) expect(text).toContain(`returned “${weatherIn(city)}”`);
  });

  it.for(EVERY)('take results with errors and pictures, with %s, %s', async ([model, form], { expect }) => {
    const question = { role: 'user' as const, content: WEATHER_QUESTION };
    const common = { model, max_tokens: 1_000, tools: [tool] };
    const first = await message(form, { ...common, messages: [question] });
    expect(first.stop_reason).toBe('tool_use');
    const [paris, berlin] = callsOf(first);
    expect([paris?.input, berlin?.input]).toEqual(CITIES.map((city) => ({ city })));
    const second = await message(form, {
      ...common,
      messages: [
        question,
        { role: 'assistant', content: first.content },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: paris?.id ?? '', content: 'no such city', is_error: true },
            {
              type: 'tool_result',
              tool_use_id: berlin?.id ?? '',
              content: [
                { type: 'text', text: weatherIn('Berlin') },
                { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PIXEL } },
              ],
            },
            { type: 'text', text: 'And in one sentence, what is the weather like?' },
          ],
        },
      ],
    });
    expect(textOf(second)).toContain('no such city');
    expect(textOf(second)).toContain(weatherIn('Berlin'));
  });

  it.for(EVERY)('are called when %s must, %s', async ([model, form], { expect }) => {
    const common = {
      model,
      max_tokens: 1_000,
      messages: [{ role: 'user' as const, content: 'Good morning.' }],
    };
    const required = await message(form, { ...common, tools: [tool], tool_choice: { type: 'any' } });
    expect(callsOf(required).map(({ name }) => name)).toEqual([WEATHER.name]);
    const other: Anthropic.Tool = { name: 'other', input_schema: { type: 'object', properties: {} } };
    const named = await message(form, {
      ...common,
      tools: [tool, other],
      tool_choice: { type: 'tool', name: 'other' },
    });
    expect(callsOf(named)).toMatchObject([{ name: 'other', input: {} }]);
    const none = await message(form, {
      ...common,
      messages: [{ role: 'user', content: WEATHER_QUESTION }],
      tools: [tool],
      tool_choice: { type: 'none' },
    });
    expect(callsOf(none)).toEqual([]);
    expect(textOf(none)).toContain(STAND_IN);
  });

  it.for(EVERY)('keep the thoughts that led to them with %s, %s', async ([model, form], { expect }) => {
    const text = `${WEATHER_QUESTION} ${mark()}`;
    const question = { role: 'user' as const, content: text };
    const common = {
      model,
      max_tokens: 4_000,
      tools: [tool],
      thinking: { type: 'enabled' as const, budget_tokens: 1_024 },
    };
    const first = await message(form, { ...common, messages: [question] });
    expect(callsOf(first)).toHaveLength(2);
    const second = await message(form, {
      ...common,
      messages: [
        question,
        { role: 'assistant', content: first.content },
        {
          role: 'user',
          content: callsOf(first).map(({ id, input }) => ({
            type: 'tool_result' as const,
            tool_use_id: id,
            content: weatherIn(weatherInput.parse(input).city),
          })),
        },
      ],
    });
    for (const city of CITIES) expect(textOf(second)).toContain(`returned “${weatherIn(city)}”`);
  });
});

describe.concurrent('structured output of messages', () => {
  it.for(EVERY)('of %s, %s, parses to what the schema says', async ([model, form], { expect }) => {
    const params = {
      model,
      max_tokens: 2_000,
      messages: [{ role: 'user' as const, content: QUESTION }],
      output_config: { format: zodOutputFormat(VERDICT) },
    };
    const answer =
      form === 'whole'
        ? await anthropic().messages.parse(params)
        : await anthropic().messages.stream(params).finalMessage();
    expect(VERDICT.safeParse(answer.parsed_output).error).toBeUndefined();
  });
});

describe.concurrent('pictures and files in messages', () => {
  it.for(EVERY)('reach %s, %s', async ([model, form], { expect }) => {
    const text = `What is this? ${mark()}`;
    const answer = await message(form, {
      model,
      max_tokens: 1_000,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PIXEL } },
            { type: 'image', source: { type: 'url', url: 'https://example.com/cat.png' } },
            {
              type: 'document',
              title: 'plan.pdf',
              source: { type: 'base64', media_type: 'application/pdf', data: PDF },
            },
          ],
        },
      ],
    });
    expect(textOf(answer)).toContain(`an image (image/png, ${PIXEL_BYTES} bytes)`);
    expect(textOf(answer)).toMatch(/an image \(image\/(\*|png), linked\)/);
    expect(textOf(answer)).toContain('plan.pdf, application/pdf');
    const [sent] = await sentWith(text);
    expect(JSON.stringify(sent?.body)).toContain('https://example.com/cat.png');
  });
});

describe.concurrent('the rest of a message', () => {
  it.for(EVERY)(
    'tells what %s, %s, had in its cache, apart from the other input',
    async ([model, form], { expect }) => {
      const params = (content: string) => ({
        model,
        max_tokens: 16,
        messages: [{ role: 'user' as const, content }],
      });
      const { usage } = await message(form, params(`[[cached:7]] ${QUESTION}`));
      expect(usage.cache_read_input_tokens).toBe(7);
      const plain = await message(form, params(`[[cached:0]] ${QUESTION}`));
      expect(usage.input_tokens).toBe(plain.usage.input_tokens - 7);
    },
  );

  it.for(MODELS)(
    'reaches %s in the version of the client where it is of the same format',
    async (model, { expect }) => {
      const text = `${QUESTION} ${mark()}`;
      await anthropic().beta.messages.create({
        model,
        max_tokens: 16,
        betas: ['some-beta-2026-01-01'],
        messages: [{ role: 'user', content: text }],
      });
      const [sent] = await sentWith(text);
      const told = [sent?.headers['anthropic-version'], sent?.headers['anthropic-beta']];
      expect(told).toEqual(
        model === 'local/sage' ? ['2026-10-21', 'some-beta-2026-01-01'] : [undefined, undefined],
      );
    },
  );

  it('is estimated before it is sent', async ({ expect }) => {
    const { input_tokens: tokens } = await anthropic().messages.countTokens({
      model: 'local/sage',
      system: 'Be brief.',
      messages: [{ role: 'user', content: QUESTION }],
      tools: [tool],
    });
    expect(tokens).toBeGreaterThan(20);
  });
});

describe.concurrent('models of Anthropic’s client', () => {
  it('are listed, page by page, and looked up', async ({ expect }) => {
    const ids: string[] = [];
    for await (const { id, type } of anthropic().models.list({ limit: 2 })) {
      expect(type).toBe('model');
      ids.push(id);
    }
    expect(ids).toEqual(expect.arrayContaining([...MODELS]));
    expect(new Set(ids).size).toBe(ids.length);
    const model = await anthropic().models.retrieve('local/sage');
    expect(model).toMatchObject({ id: 'local/sage', display_name: 'Sage', lifecycle: 'active' });
    expect(Date.parse(model.created_at)).toBeGreaterThan(0);
  });
});
