import Anthropic from '@anthropic-ai/sdk';
import { beforeAll, describe, it } from 'vitest';
import { addResponder, anthropic, MODELS } from './gateway-clients.ts';
import { addFaults, counting, faulty, messages, thrownBy, WIRES } from './gateway-faults.ts';

beforeAll(async () => {
  await addResponder();
  await addFaults('anthropic', ['overloaded', 'rate-limited', 'silent', 'cut', 'refuses']);
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
        anthropic({ fetch, maxRetries: 1 }).messages.create(params(faulty('overloaded', 'anthropic', wire))),
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
        params(faulty('rate-limited', 'anthropic', wire)),
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
        anthropic({ maxRetries: 0 }).messages.create(params(faulty('silent', 'anthropic', wire)), {
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
      const stream = anthropic().messages.stream(params(faulty('cut', 'anthropic', wire)));
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
    const model = faulty('refuses', 'anthropic', wire);
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
