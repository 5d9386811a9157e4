import OpenAI from 'openai';
import { beforeAll, describe, it } from 'vitest';
import { addResponder, MODELS, openAi, QUESTION } from './gateway-clients.ts';
import { addFaults, counting, faulty, messages, thrownBy, WIRES } from './gateway-faults.ts';

beforeAll(async () => {
  await addResponder();
  await addFaults('openai', ['overloaded', 'rate-limited', 'silent', 'cut', 'refuses']);
});

describe.concurrent('an error of OpenAI’s client', () => {
  it('for a wrong key is AuthenticationError, at once', async ({ expect }) => {
    const { fetch, count } = counting();
    const client = openAi({ apiKey: 'plx_sk_wrong', fetch });
    for (const ask of [
      () => client.chat.completions.create({ model: 'local/swift', messages }),
      () => client.responses.create({ model: 'local/swift', input: QUESTION }),
      () => client.embeddings.create({ model: 'local/embed', input: 'cat' }),
      () => client.models.list(),
    ]) {
      const error = await thrownBy(ask());
      expect(error).toBeInstanceOf(OpenAI.AuthenticationError);
      expect(error).toMatchObject({
        status: 401,
        code: 'invalid_api_key',
        requestID: expect.stringMatching(/^req_/),
      });
    }
    expect(count()).toBe(4);
  });

  it('for an unknown model is NotFoundError that names the nearest', async ({ expect }) => {
    const { fetch, count } = counting();
    const error = await thrownBy(
      openAi({ fetch }).chat.completions.create({ model: 'local/swif', messages }),
    );
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    expect(error).toMatchObject({ code: 'model_not_found', type: 'invalid_request_error' });
    expect(String(error)).toContain('local/swift');
    expect(count()).toBe(1);
  });

  it.for(MODELS)(
    'for a wrong value to %s is BadRequestError that names the parameter',
    async (model, { expect }) => {
      const { fetch, count } = counting();
      const client = openAi({ fetch });
      const errors = [
        await thrownBy(client.chat.completions.create({ model, messages, temperature: 9 })),
        await thrownBy(client.responses.create({ model, input: QUESTION, temperature: 9 })),
      ];
      for (const error of errors) {
        expect(error).toBeInstanceOf(OpenAI.BadRequestError);
        expect(error).toMatchObject({ param: 'temperature', type: 'invalid_request_error' });
      }
      expect(count()).toBe(2);
    },
  );

  it('for a provider without a key is not tried again: the key will not come by itself', async ({
    expect,
  }) => {
    const { fetch, count } = counting();
    const { data } = await openAi().models.list({ query: { provider: 'openai', category: 'chat' } });
    const model = data[0]?.id ?? '';
    const error = await thrownBy(openAi({ fetch }).chat.completions.create({ model, messages }));
    expect(error).toMatchObject({ status: 503, code: 'no_provider_key' });
    expect(count()).toBe(1);
  });

  it.for(WIRES)(
    'for a provider (%s) that is overloaded is tried again by the client, then InternalServerError',
    async (wire, { expect }) => {
      const { fetch, count } = counting();
      const client = openAi({ fetch, maxRetries: 1 });
      const error = await thrownBy(
        client.chat.completions.create({ model: faulty('overloaded', 'openai', wire), messages }),
      );
      expect(error).toBeInstanceOf(OpenAI.InternalServerError);
      expect(error).toMatchObject({ status: 503, code: 'upstream_overloaded' });
      expect(count()).toBe(2);
    },
  );

  it.for(WIRES)(
    'for a provider (%s) that limits requests does not come: the gateway waits for it',
    async (wire, { expect }) => {
      const { fetch, count } = counting();
      const completion = await openAi({ fetch }).chat.completions.create({
        model: faulty('rate-limited', 'openai', wire),
        messages,
      });
      expect(completion.choices[0]?.finish_reason).toBe('stop');
      expect(count()).toBe(1);
    },
  );

  it('for a provider that limits without end is RateLimitError', async ({ expect }) => {
    const error = await thrownBy(
      openAi({ maxRetries: 0 }).chat.completions.create({
        model: 'local/swift',
        messages: [{ role: 'user', content: '[[status:429]]' }],
      }),
    );
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect(error).toMatchObject({ code: 'rate_limit_exceeded' });
  });

  it.for(WIRES)(
    'for a provider (%s) that is silent comes after the time that the request gives it',
    async (wire, { expect }) => {
      const error = await thrownBy(
        openAi({ maxRetries: 0 }).chat.completions.create(
          { model: faulty('silent', 'openai', wire), messages, stream: true },
          { headers: { 'x-parallax-timeout-ms': '200' } },
        ),
      );
      expect(error).toBeInstanceOf(OpenAI.InternalServerError);
      expect(error).toMatchObject({ status: 504, code: 'upstream_timeout' });
    },
  );

  it.for(WIRES)(
    'in the middle of a chat stream (%s) is APIError after what was said',
    async (wire, { expect }) => {
      const stream = await openAi().chat.completions.create({
        model: faulty('cut', 'openai', wire),
        messages,
        stream: true,
      });
      let text = '';
      const error = await thrownBy(
        (async () => {
          for await (const { choices } of stream) text += choices[0]?.delta.content ?? '';
        })(),
      );
      expect(text).not.toBe('');
      expect(error).toBeInstanceOf(OpenAI.APIError);
      expect(error).toMatchObject({ code: 'upstream_failed', type: 'server_error' });
    },
  );

  it.for(WIRES)(
    'in the middle of a stream of responses (%s) is APIError after what was said',
    async (wire, { expect }) => {
      const stream = await openAi().responses.create({
        model: faulty('cut', 'openai', wire),
        input: QUESTION,
        stream: true,
      });
      let text = '';
      const error = await thrownBy(
        (async () => {
          for await (const event of stream)
            if (event.type === 'response.output_text.delta') text += event.delta;
        })(),
      );
      expect(text).not.toBe('');
      expect(error).toBeInstanceOf(OpenAI.APIError);
      expect(error).toMatchObject({ code: 'upstream_failed' });
    },
  );

  it.for(WIRES)('is no refusal: a model (%s) that declines has answered', async (wire, { expect }) => {
    const model = faulty('refuses', 'openai', wire);
    for (const { choices } of [
      await openAi().chat.completions.create({ model, messages }),
      await openAi().chat.completions.stream({ model, messages }).finalChatCompletion(),
    ]) {
      // Gemini declines without a word.
      if (wire === 'gemini') expect(choices[0]?.finish_reason).toBe('content_filter');
      else expect(choices[0]?.message.refusal).toContain('refus');
    }
  });
});
