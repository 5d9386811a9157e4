import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { beforeAll, describe, it } from 'vitest';
import {
  addResponder,
  anthropic,
  eventually,
  MODELS,
  mark,
  openAi,
  putModel,
  QUESTION,
  statistics,
} from './gateway-clients.ts';

/** A fault of the local models in each wire format, with a name of its own for each test, so that a circuit that opens is nobody else's. */
const WIRES = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'] as const;
const TESTS = [
  'overloaded-openai',
  'overloaded-anthropic',
  'rate-limited-openai',
  'rate-limited-anthropic',
  'silent-openai',
  'silent-anthropic',
  'cut-openai',
  'cut-anthropic',
  'slow-openai',
  'slow-anthropic',
  'refuses-openai',
  'refuses-anthropic',
];

beforeAll(async () => {
  await addResponder();
  for (const test of TESTS)
    for (const wire of WIRES)
      await putModel(faulty(test, wire), {
        upstream_name: `${test.slice(0, test.lastIndexOf('-'))}@${test.slice(test.lastIndexOf('-') + 1)}-${wire}`,
        wire,
        hidden: true,
      });
});

const faulty = (test: string, wire: string) => `local/${test}-${wire}`;

/** A `fetch` that counts how often it is asked. */
function counting(): { fetch: typeof fetch; readonly count: () => number } {
  let count = 0;
  return {
    fetch: (...request) => {
      count += 1;
      return fetch(...request);
    },
    count: () => count,
  };
}

const thrownBy = (work: PromiseLike<unknown>) =>
  Promise.resolve(work).then(
    () => undefined,
    (error: unknown) => error,
  );
const messages = [{ role: 'user' as const, content: QUESTION }];

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

  it.for(WIRES)(
    'for a provider (%s) that is overloaded is tried again by the client, then InternalServerError',
    async (wire, { expect }) => {
      const { fetch, count } = counting();
      const client = openAi({ fetch, maxRetries: 1 });
      const error = await thrownBy(
        client.chat.completions.create({ model: faulty('overloaded-openai', wire), messages }),
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
        model: faulty('rate-limited-openai', wire),
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
          { model: faulty('silent-openai', wire), messages, stream: true },
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
        model: faulty('cut-openai', wire),
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
        model: faulty('cut-openai', wire),
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
    const model = faulty('refuses-openai', wire);
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

describe.concurrent('an error of Anthropic’s client', () => {
  const params = (model: string) => ({ model, max_tokens: 500, messages });

  it('for a wrong key is AuthenticationError, at once', async ({ expect }) => {
    const { fetch, count } = counting();
    const error = await thrownBy(
      anthropic({ apiKey: 'plx_sk_wrong', fetch }).messages.create(params('local/sage')),
    );
    expect(error).toBeInstanceOf(Anthropic.AuthenticationError);
    expect(error).toMatchObject({
      status: 401,
      type: 'authentication_error',
      requestID: expect.stringMatching(/^req_/),
    });
    expect(count()).toBe(1);
  });

  it('for an unknown model is NotFoundError that names the nearest', async ({ expect }) => {
    const error = await thrownBy(anthropic().messages.create(params('local/sag')));
    expect(error).toBeInstanceOf(Anthropic.NotFoundError);
    expect(error).toMatchObject({
      type: 'not_found_error',
      apiMessage: expect.stringContaining('local/sage'),
    });
  });

  it.for(MODELS)(
    'for a wrong value to %s is BadRequestError that names the parameter',
    async (model, { expect }) => {
      const { fetch, count } = counting();
      const error = await thrownBy(
        anthropic({ fetch }).messages.create({ ...params(model), max_tokens: -1 }),
      );
      expect(error).toBeInstanceOf(Anthropic.BadRequestError);
      expect(error).toMatchObject({
        type: 'invalid_request_error',
        apiMessage: expect.stringContaining('max_tokens'),
      });
      expect(count()).toBe(1);
    },
  );

  it.for(WIRES)(
    'for a provider (%s) that is overloaded is tried again by the client, then overloaded_error',
    async (wire, { expect }) => {
      const { fetch, count } = counting();
      const error = await thrownBy(
        anthropic({ fetch, maxRetries: 1 }).messages.create(params(faulty('overloaded-anthropic', wire))),
      );
      expect(error).toBeInstanceOf(Anthropic.InternalServerError);
      expect(error).toMatchObject({ status: 529, type: 'overloaded_error' });
      expect(count()).toBe(2);
    },
  );

  it.for(WIRES)(
    'for a provider (%s) that limits requests does not come: the gateway waits for it',
    async (wire, { expect }) => {
      const { fetch, count } = counting();
      const answer = await anthropic({ fetch }).messages.create(
        params(faulty('rate-limited-anthropic', wire)),
      );
      expect(answer.stop_reason).toBe('end_turn');
      expect(count()).toBe(1);
    },
  );

  it('for a provider that limits without end is RateLimitError', async ({ expect }) => {
    const error = await thrownBy(
      anthropic({ maxRetries: 0 }).messages.create({
        ...params('local/sage'),
        messages: [{ role: 'user', content: '[[status:429]]' }],
      }),
    );
    expect(error).toBeInstanceOf(Anthropic.RateLimitError);
    expect(error).toMatchObject({ type: 'rate_limit_error' });
  });

  it.for(WIRES)(
    'for a provider (%s) that is silent comes after the time that the request gives it',
    async (wire, { expect }) => {
      const error = await thrownBy(
        anthropic({ maxRetries: 0 }).messages.create(params(faulty('silent-anthropic', wire)), {
          headers: { 'x-parallax-timeout-ms': '100' },
        }),
      );
      expect(error).toBeInstanceOf(Anthropic.InternalServerError);
      expect(error).toMatchObject({ status: 504, type: 'timeout_error' });
    },
  );

  it.for(WIRES)(
    'in the middle of a stream (%s) is APIError after what was said',
    async (wire, { expect }) => {
      const stream = anthropic().messages.stream(params(faulty('cut-anthropic', wire)));
      let text = '';
      stream.on('text', (piece) => {
        text += piece;
      });
      const error = await thrownBy(stream.finalMessage());
      expect(text).not.toBe('');
      expect(error).toBeInstanceOf(Anthropic.APIError);
      expect(error).toMatchObject({ type: 'api_error' });
    },
  );

  it.for(WIRES)('is no refusal: a model (%s) that declines has answered', async (wire, { expect }) => {
    const model = faulty('refuses-anthropic', wire);
    for (const answer of [
      await anthropic().messages.create(params(model)),
      await anthropic().messages.stream(params(model)).finalMessage(),
    ]) {
      expect(answer.stop_reason).toBe('refusal');
      expect(answer.stop_details).toMatchObject({
        type: 'refusal',
        explanation: wire === 'gemini' ? null : expect.stringContaining('refus'),
      });
    }
  });
});

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
        { model: faulty('slow-openai', wire), messages: long },
        { signal: controller.signal },
      );
      aborted.on('content', () => controller.abort());
      expect(await thrownBy(aborted.finalChatCompletion())).toBeInstanceOf(OpenAI.APIUserAbortError);
      await eventually(async () => (await broken(format)) === before + 1, 2_000);

      const left = await openAi().responses.create({
        model: faulty('slow-openai', wire),
        input: long,
        stream: true,
      });
      for await (const event of left) if (event.type === 'response.output_text.delta') break;
      await eventually(async () => (await broken(format)) === before + 2, 2_000);

      const stopped = anthropic().messages.stream({
        model: faulty('slow-anthropic', wire),
        max_tokens: 4_000,
        messages: long,
      });
      stopped.on('text', () => stopped.abort());
      expect(await thrownBy(stopped.finalMessage())).toBeInstanceOf(Anthropic.APIUserAbortError);
      await eventually(async () => (await broken(format)) === before + 3, 2_000);

      // Before the first word, the local runtime does not hear that a client has gone: the tests of the Worker show that case.
      const late = { model: faulty('silent-anthropic', wire), max_tokens: 500, messages: long };
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
