import { createOpenAI } from '@ai-sdk/openai';
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod';
import { generateText } from 'ai';
import { zodFunction, zodResponseFormat } from 'openai/helpers/zod';
import { describe, inject, it } from 'vitest';
import {
  anthropic,
  CITIES,
  openAi,
  QUESTION,
  VERDICT,
  WEATHER,
  WEATHER_QUESTION,
  weatherIn,
  weatherInput,
} from './gateway-clients.ts';

/** Several models that answer as one, as the official clients meet them. */
const RUNS = ['parallax/consensus', 'parallax/best', 'parallax/synthesis', 'parallax/debate'] as const;
const messages = [{ role: 'user' as const, content: QUESTION }];

describe.concurrent('a run', () => {
  it.for(RUNS)('answers OpenAI’s client as the model %s, whole and streamed', async (model, { expect }) => {
    const { data, response } = await openAi().chat.completions.create({ model, messages }).withResponse();
    expect(data.choices[0]?.message.content).toMatch(/\w/);
    expect(data.choices[0]?.finish_reason).toBe('stop');
    expect(data.usage?.completion_tokens).toBeGreaterThan(0);
    expect(response.headers.get('x-parallax-model')).toBe(model);
    const streamed = await openAi()
      .chat.completions.stream({ model, messages, stream_options: { include_usage: true } })
      .finalChatCompletion();
    expect(streamed.choices[0]?.message.content).toMatch(/\w/);
    expect(streamed.usage?.completion_tokens).toBeGreaterThan(0);
    const last = await openAi().responses.stream({ model, input: QUESTION }).finalResponse();
    expect(last.status).toBe('completed');
    expect(last.output_text).toMatch(/\w/);
  });

  it.for(RUNS)('answers Anthropic’s client as the model %s', async (model, { expect }) => {
    const answer = await anthropic().messages.stream({ model, max_tokens: 1_000, messages }).finalMessage();
    expect(answer.stop_reason).toBe('end_turn');
    expect(answer.content.map((block) => (block.type === 'text' ? block.text : '')).join('')).toMatch(/\w/);
  });

  it('answers the AI SDK', async ({ expect }) => {
    const openai = createOpenAI({ baseURL: `${inject('baseUrl')}/v1`, apiKey: inject('apiKey') });
    const { text } = await generateText({ model: openai('parallax/best'), prompt: QUESTION });
    expect(text).toMatch(/\w/);
  });

  it('calls the tools of OpenAI’s client, and concludes from what they give', async ({ expect }) => {
    const asked: string[] = [];
    const runner = openAi().chat.completions.runTools({
      model: 'parallax/consensus',
      messages: [{ role: 'user', content: WEATHER_QUESTION }],
      stream: true,
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
    });
    expect(await runner.finalContent()).toMatch(/\w/);
    expect(asked).toEqual(CITIES);
  });

  it('calls the tools of Anthropic’s client, which sends the whole conversation each time', async ({
    expect,
  }) => {
    const asked: string[] = [];
    const runner = anthropic().beta.messages.toolRunner({
      model: 'parallax/best',
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
    });
    const answer = await runner.runUntilDone();
    expect(asked).toEqual(CITIES);
    const text = answer.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
    expect(text).toContain(weatherIn('Paris'));
  });

  it('gives what a schema says', async ({ expect }) => {
    const completion = await openAi().chat.completions.parse({
      model: 'parallax/best',
      messages,
      response_format: zodResponseFormat(VERDICT, 'verdict'),
    });
    expect(VERDICT.safeParse(completion.choices[0]?.message.parsed).error).toBeUndefined();
  });
});
