import type OpenAI from 'openai';
import { ResponsesToolRunner } from 'openai/helpers/responses-tool-runner';
import { zodResponsesFunction, zodTextFormat } from 'openai/helpers/zod';
import { toResponseInputItems } from 'openai/lib/responses/ResponseInputItems';
import type {
  ResponseCreateParamsNonStreaming,
  ResponseStreamEvent,
} from 'openai/resources/responses/responses';
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

type Params = ResponseCreateParamsNonStreaming;

/** The response that the client gets in a form: as it came, or put together by the client's own stream helper. */
async function respond(form: string, params: Params): Promise<OpenAI.Responses.Response> {
  if (form === 'whole') return openAi().responses.create(params);
  return openAi()
    .responses.stream({ ...params, stream: true })
    .finalResponse();
}

const tool: OpenAI.Responses.FunctionTool = {
  type: 'function',
  name: WEATHER.name,
  description: WEATHER.description,
  parameters: { ...WEATHER.schema },
  strict: true,
};
const callsOf = (response: OpenAI.Responses.Response) =>
  response.output.filter((item) => item.type === 'function_call');

describe.concurrent('a response', () => {
  it.for(EVERY)(
    'of %s, %s, takes up instructions and earlier turns, and tells its usage',
    async ([model, form], { expect }) => {
      const first = await respond(form, { model, input: 'Which knots hold best in rain?' });
      const second = await respond(form, {
        model,
        instructions: 'You are a harbour master.',
        input: [
          { role: 'user', content: 'Which knots hold best in rain?' },
          ...toResponseInputItems(first.output),
          { role: 'user', content: QUESTION },
        ],
      });
      expect(second.output_text).toContain('Speaking as a harbour master');
      expect(second.output_text).toContain('before it you asked about “Which knots hold best in rain”');
      expect(second.output_text).toContain('My earlier answer held that');
      expect(second.status).toBe('completed');
      expect(second.error).toBeNull();
      const { usage } = second;
      expect(usage?.input_tokens).toBeGreaterThan(20);
      expect(usage?.output_tokens).toBeGreaterThan(20);
      expect(usage?.total_tokens).toBe((usage?.input_tokens ?? 0) + (usage?.output_tokens ?? 0));
    },
  );

  it.for(EVERY)('of %s, %s, that reaches its bound is incomplete', async ([model, form], { expect }) => {
    const response = await respond(form, { model, input: QUESTION, max_output_tokens: 16 });
    expect(response.status).toBe('incomplete');
    expect(response.incomplete_details).toEqual({ reason: 'max_output_tokens' });
    expect(response.usage?.output_tokens).toBe(16);
    expect(response.output_text).not.toBe('');
  });

  it.for(MODELS)('of %s is told in numbered events from created to completed', async (model, { expect }) => {
    const stream = await openAi().responses.create({ model, input: QUESTION, stream: true });
    const events: ResponseStreamEvent[] = await Array.fromAsync(stream);
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, index) => index));
    expect(events.slice(0, 4).map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
    ]);
    expect(events.at(-1)?.type).toBe('response.completed');
    const whole = await openAi().responses.create({ model, input: QUESTION });
    const said = events.map((event) => (event.type === 'response.output_text.delta' ? event.delta : ''));
    expect(said.join('')).toBe(whole.output_text);
  });
});

describe.concurrent('tools in responses', () => {
  it.for(EVERY)('run to a conclusion with %s, %s', async ([model, form], { expect }) => {
    const asked: string[] = [];
    const runner = new ResponsesToolRunner({
      functions: [
        {
          tool,
          execute: ({ city }) => {
            asked.push(String(city));
            return weatherIn(String(city));
          },
        },
      ],
    });
    const response = await runner.run(
      openAi(),
      { model, input: WEATHER_QUESTION, store: false },
      { stream: form === 'streamed' },
    );
    expect(asked).toEqual(CITIES);
    for (const city of CITIES) expect(response.output_text).toContain(`returned “${weatherIn(city)}”`);
  });

  it.for(EVERY)('keep the thoughts that led to them with %s, %s', async ([model, form], { expect }) => {
    const text = `${WEATHER_QUESTION} ${mark()}`;
    const common = {
      model,
      tools: [tool],
      reasoning: { effort: 'low', summary: 'auto' },
      include: ['reasoning.encrypted_content'],
      store: false,
    } satisfies Partial<Params>;
    const first = await respond(form, { ...common, input: text });
    const types = first.output.map(({ type }) => type);
    expect(types).toContain('reasoning');
    expect(types.filter((type) => type === 'function_call')).toHaveLength(2);
    const second = await respond(form, {
      ...common,
      input: [
        { role: 'user', content: text },
        ...toResponseInputItems(first.output),
        ...callsOf(first).map(({ call_id, arguments: input }) => ({
          type: 'function_call_output' as const,
          call_id,
          output: weatherIn(weatherInput.parse(JSON.parse(input)).city),
        })),
      ],
    });
    for (const city of CITIES) expect(second.output_text).toContain(`returned “${weatherIn(city)}”`);
    if (model !== 'local/sage') return;
    // Anthropic refuses a turn of tools without the signed thought that led to it.
    const [, sent] = await sentWith(text);
    expect(JSON.stringify(sent?.body)).toMatch(
      /"type":"thinking","thinking":"[^"]+","signature":"[^"]{20,}"/,
    );
  });

  it.for(EVERY)('are called when %s must, %s', async ([model, form], { expect }) => {
    const input = 'Good morning.';
    const required = await respond(form, { model, input, tools: [tool], tool_choice: 'required' });
    expect(callsOf(required).map(({ name }) => name)).toEqual([WEATHER.name]);
    const other = {
      type: 'function',
      name: 'other',
      parameters: { type: 'object', properties: {} },
      strict: false,
    } as const;
    const named = await respond(form, {
      model,
      input,
      tools: [tool, other],
      tool_choice: { type: 'function', name: 'other' },
    });
    expect(callsOf(named)).toMatchObject([{ name: 'other', arguments: '{}' }]);
    const none = await respond(form, { model, input: WEATHER_QUESTION, tools: [tool], tool_choice: 'none' });
    expect(callsOf(none)).toEqual([]);
    expect(none.output_text).toContain(STAND_IN);
  });

  it.for(EVERY)(
    'have their arguments parsed by the client, with %s, %s',
    async ([model, form], { expect }) => {
      const params = {
        model,
        input: WEATHER_QUESTION,
        tools: [
          zodResponsesFunction({
            name: WEATHER.name,
            description: WEATHER.description,
            parameters: weatherInput,
          }),
        ],
      };
      const response =
        form === 'whole'
          ? await openAi().responses.parse(params)
          : await openAi().responses.stream(params).finalResponse();
      const parsed = response.output.flatMap((item) =>
        item.type === 'function_call' ? [item.parsed_arguments] : [],
      );
      expect(parsed).toEqual(CITIES.map((city) => ({ city })));
    },
  );
});

describe.concurrent('structured output of responses', () => {
  it.for(EVERY)('of %s, %s, parses to what the schema says', async ([model, form], { expect }) => {
    const params = { model, input: QUESTION, text: { format: zodTextFormat(VERDICT, 'verdict') } };
    const response =
      form === 'whole'
        ? await openAi().responses.parse(params)
        : await openAi().responses.stream(params).finalResponse();
    expect(VERDICT.safeParse(response.output_parsed).error).toBeUndefined();
  });
});

describe.concurrent('pictures and files in responses', () => {
  it.for(EVERY)('reach %s, %s', async ([model, form], { expect }) => {
    const text = `What is this? ${mark()}`;
    const { output_text } = await respond(form, {
      model,
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text },
            { type: 'input_image', image_url: `data:image/png;base64,${PIXEL}`, detail: 'auto' },
            { type: 'input_image', image_url: 'https://example.com/cat.png', detail: 'low' },
            { type: 'input_file', filename: 'plan.pdf', file_data: `data:application/pdf;base64,${PDF}` },
          ],
        },
      ],
    });
    expect(output_text).toContain(`an image (image/png, ${PIXEL_BYTES} bytes)`);
    expect(output_text).toMatch(/an image \(image\/(\*|png), linked\)/);
    expect(output_text).toContain('plan.pdf, application/pdf');
    const [sent] = await sentWith(text);
    expect(JSON.stringify(sent?.body)).toContain('https://example.com/cat.png');
  });
});
