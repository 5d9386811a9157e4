import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { beforeAll, describe, it } from 'vitest';
import { anthropic, eventually, mark, openAi, QUESTION, statistics } from './gateway-clients.ts';
import { addFaults, faulty, messages, thrownBy, WIRES } from './gateway-faults.ts';

beforeAll(() => addFaults('leaving', ['slow', 'silent']));

describe('a client that gives up', () => {
  /** How many requests to a model in a format were broken off so far. */
  const broken = async (format: string) =>
    (await statistics()).aborted.filter((one) => one.format === format && one.model === 'slow').length;
  const FORMATS = {
    'openai-chat': 'openai-chat',
    'openai-responses': 'openai-responses',
    'anthropic-messages': 'anthropic',
    gemini: 'gemini',
  };

  it.for(WIRES)(
    'stops the provider (%s) within two seconds, whichever way it does so',
    async (wire, { expect }) => {
      const format = FORMATS[wire];
      const before = await broken(format);
      const long = [{ role: 'user' as const, content: `In 400 words: ${QUESTION} ${mark()}` }];

      const controller = new AbortController();
      const aborted = openAi().chat.completions.stream(
        { model: faulty('slow', 'leaving', wire), messages: long },
        { signal: controller.signal },
      );
      aborted.on('content', () => controller.abort());
      expect(await thrownBy(aborted.finalChatCompletion())).toBeInstanceOf(OpenAI.APIUserAbortError);
      await eventually(async () => (await broken(format)) === before + 1, 2_000);

      const left = await openAi().responses.create({
        model: faulty('slow', 'leaving', wire),
        input: long,
        stream: true,
      });
      for await (const event of left) if (event.type === 'response.output_text.delta') break;
      await eventually(async () => (await broken(format)) === before + 2, 2_000);

      const stopped = anthropic().messages.stream({
        model: faulty('slow', 'leaving', wire),
        max_tokens: 4_000,
        messages: long,
      });
      stopped.on('text', () => stopped.abort());
      expect(await thrownBy(stopped.finalMessage())).toBeInstanceOf(Anthropic.APIUserAbortError);
      await eventually(async () => (await broken(format)) === before + 3, 2_000);

      // Before the first word, the local runtime does not hear that a client has gone: the tests of the Worker show that case.
      const late = { model: faulty('silent', 'leaving', wire), max_tokens: 500, messages: long };
      expect(await thrownBy(anthropic({ timeout: 200, maxRetries: 0 }).messages.create(late))).toBeInstanceOf(
        Anthropic.APIConnectionTimeoutError,
      );
    },
  );
});

describe('what an answer is known by', () => {
  it('is the same in the client’s hands and in the headers', async ({ expect }) => {
    const { data, response, request_id } = await openAi()
      .chat.completions.create({ model: 'local/swift', messages })
      .withResponse();
    expect(data).toHaveProperty('_request_id', response.headers.get('x-request-id'));
    expect(request_id).toMatch(/^req_/);
    const whole = await anthropic().messages.create({ model: 'local/swift', max_tokens: 50, messages });
    expect(whole._request_id).toMatch(/^req_/);
    const streamed = anthropic().messages.stream({ model: 'local/swift', max_tokens: 50, messages });
    await streamed.finalMessage();
    expect(streamed.request_id).toMatch(/^req_/);
  });
});
