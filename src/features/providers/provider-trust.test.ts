import { afterEach, describe, expect, it } from 'vitest';
import { createLocalModels } from '../../../test/local-models/server.ts';
import { askModel } from './ask-model.ts';
import { asking, collect, localTarget, NO_ABORT, testCall } from './call-fixture.ts';
import { type HostileServer, hostileServer } from './hostile-server.fixture.ts';
import { ModelCallError, type ModelTarget } from './model-call.ts';
import { streamModel } from './stream-model.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function serve(answer: Parameters<typeof hostileServer>[0]): Promise<HostileServer> {
  const server = await hostileServer(answer);
  open.push(server);
  return server;
}

const options = { signal: NO_ABORT, attempts: 1 };
const gpt: ModelTarget = { modelId: 'openai/gpt-5', provider: 'openai', upstreamName: 'gpt-5' };

async function failureOf(work: Promise<unknown>): Promise<ModelCallError> {
  const error = await work.catch((cause: unknown) => cause);
  if (!(error instanceof ModelCallError)) throw new Error(`a ModelCallError was due, not ${String(error)}`);
  return error;
}

describe('a provider that is not what it should be', () => {
  it.each([
    ['streamed', streamModel],
    ['whole', askModel],
  ])('and answers 200 with a page is malformed (%s)', async (_, ask) => {
    const server = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end('<html><title>Sign in to the hotel network</title></html>');
    });
    const { context } = testCall({ LOCAL_MODELS_URL: server.url });
    const error = await failureOf(ask(context, localTarget('swift'), asking('Hello'), options));
    expect(error.error).toMatchObject({ kind: 'malformed', status: 200 });
    expect(error.message).toContain('text/html');
  });

  it('and redirects is not followed, so that key and conversation stay here', async () => {
    const elsewhere = await serve((_request, response) => response.end('{}'));
    const server = await serve((_request, response) => {
      response.writeHead(307, { location: `${elsewhere.url}/v1/chat/completions` });
      response.end();
    });
    const { context } = testCall({
      OPENAI_API_KEY: 'sk-platform-secret',
      OPENAI_BASE_URL: `${server.url}/v1`,
    });
    const error = await failureOf(askModel(context, gpt, asking('Hello'), options));
    expect(error.error).toMatchObject({ kind: 'server_error', code: 'redirected', status: 307 });
    expect(elsewhere.seen).toEqual([]);
  });

  it('and ends its stream without the end is an error event', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(
        'data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"Hal"},"finish_reason":null}]}\n\n',
      );
    });
    const { context } = testCall({ LOCAL_MODELS_URL: server.url });
    const stream = await streamModel(context, localTarget('swift'), asking('Hello'), options);
    const { events, text } = await collect(stream.events);
    expect(text).toBe('Hal');
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { kind: 'connection' } });
  });

  it('and answers with nothing at all before closing is a connection failure', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end();
    });
    const { context } = testCall({ LOCAL_MODELS_URL: server.url });
    const error = await failureOf(streamModel(context, localTarget('swift'), asking('Hello'), options));
    expect(error.error.kind).toBe('connection');
  });

  it('and reports its failure with status 200 is taken at its word', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"error":{"message":"Upstream is overloaded","type":"server_error","code":503}}');
    });
    const { context } = testCall({ LOCAL_MODELS_URL: server.url });
    const error = await failureOf(askModel(context, localTarget('swift'), asking('Hello'), options));
    expect(error.message).toContain('Upstream is overloaded');
  });

  it('and sends an endless error is read no further than needed', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(500, { 'content-type': 'text/plain' });
      const more = () => {
        while (response.write('x'.repeat(16_384)));
        response.once('drain', more);
      };
      more();
    });
    const { context } = testCall({ LOCAL_MODELS_URL: server.url });
    const error = await failureOf(askModel(context, localTarget('swift'), asking('Hello'), options));
    expect(error.error).toMatchObject({ kind: 'server_error', status: 500 });
    expect(error.message.length).toBeLessThanOrEqual(1_000);
  });

  it('and never ends its error response does not hold the call', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(500, { 'content-type': 'application/json' });
      response.write('{"error":');
    });
    const { context } = testCall({ LOCAL_MODELS_URL: server.url });
    const error = await failureOf(
      streamModel(context, localTarget('swift'), asking('Hello'), {
        ...options,
        timeouts: { headersMs: 50 },
      }),
    );
    expect(error.error.kind).toBe('timeout');
  });

  it('is obeyed when it says not to come back', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(503, { 'content-type': 'application/json', 'x-should-retry': 'false' });
      response.end('{}');
    });
    const { context } = testCall({ LOCAL_MODELS_URL: server.url });
    await failureOf(streamModel(context, localTarget('swift'), asking('Hello'), { signal: NO_ABORT }));
    expect(server.seen).toHaveLength(1);
  });
});

describe('the platform’s secrets', () => {
  const SECRET = 'a-very/secret+key-0123456789';

  it.each([401, 403, 400, 500])(
    'that a provider quotes with status %i reach neither the error nor the log',
    async (status) => {
      const server = await serve((request, response) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        const shown = String(request.headers.authorization).replace('Bearer ', '');
        const message = `Incorrect API key provided: ${shown}, also written ${encodeURIComponent(shown)}.`;
        response.end(
          JSON.stringify({ error: { message, type: 'invalid_request_error', code: 'x', param: null } }),
        );
      });
      const { context, lines } = testCall({ OPENAI_API_KEY: SECRET, OPENAI_BASE_URL: server.url });
      const error = await failureOf(streamModel(context, gpt, asking('Hello'), options));
      expect(server.seen[0]?.headers.authorization).toBe(`Bearer ${SECRET}`);
      const everything = JSON.stringify([error.message, error.error, error.failures, lines, error.stack]);
      expect(everything).not.toContain('secret+key');
      expect(everything).not.toContain(encodeURIComponent(SECRET));
    },
  );

  it('that a provider quotes in the middle of a stream do not reach the error event', async () => {
    const server = await serve((request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(
        'data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}\n\n',
      );
      response.end(
        `data: {"error":{"message":"bad key ${String(request.headers.authorization)}","type":"server_error","code":null}}\n\n`,
      );
    });
    const { context } = testCall({ OPENAI_API_KEY: SECRET, OPENAI_BASE_URL: server.url });
    const stream = await streamModel(context, gpt, asking('Hello'), options);
    const { events } = await collect(stream.events);
    expect(events.at(-1)?.type).toBe('error');
    expect(JSON.stringify(events)).not.toContain('secret+key');
  });

  it('that stand in the address do not come back when it cannot be reached', async () => {
    const { context, lines } = testCall({
      OPENAI_API_KEY: SECRET,
      OPENAI_BASE_URL: `http://user:${SECRET}@127.0.0.1:9/v1`,
    });
    const error = await failureOf(streamModel(context, gpt, asking('Hello'), options));
    expect(JSON.stringify([error.message, error.failures, lines])).not.toContain('secret+key');
  });
});

describe('the rows of the table', () => {
  const rows = [
    ['openai', 'swift', { OPENAI_API_KEY: 'k-1' }, 'OPENAI_BASE_URL', '/v1', 'authorization', 'Bearer k-1'],
    ['anthropic', 'sage', { ANTHROPIC_API_KEY: 'k-2' }, 'ANTHROPIC_BASE_URL', '', 'x-api-key', 'k-2'],
    ['google', 'scribe', { GEMINI_API_KEY: 'k-3' }, 'GEMINI_BASE_URL', '', 'x-goog-api-key', 'k-3'],
    [
      'mistral',
      'swift',
      { MISTRAL_API_KEY: 'k-4' },
      'MISTRAL_BASE_URL',
      '/v1',
      'authorization',
      'Bearer k-4',
    ],
    ['litellm', 'swift', { LITELLM_API_KEY: 'k-6' }, 'LITELLM_BASE_URL', '', 'authorization', 'Bearer k-6'],
    ['ollama', 'swift', {}, 'OLLAMA_BASE_URL', '', 'accept', 'text/event-stream'],
  ] as const;

  it.each(rows)(
    '%s calls a server that stands in for it, with its own header',
    async (provider, model, settings, name, path, header, value) => {
      const server = await createLocalModels({ port: 0, tokenDelayMs: 0 });
      open.push(server);
      const { context } = testCall({ ...settings, [name]: `${server.url}${path}` });
      const target = { modelId: `${provider}/${model}`, provider, upstreamName: model };
      const stream = await streamModel(context, target, asking('Hello'), options);
      expect((await collect(stream.events)).types.at(-1)).toBe('end');
      expect(stream.keyStrategy).toBe(provider === 'ollama' ? 'none' : 'platform');
      const seen = server.stats.snapshot().last[model]?.[0];
      expect(seen?.headers[header]).toBe(value);
      expect(seen?.path).not.toContain('k-');
    },
  );

  it('ask for usage in the way each server takes it', async () => {
    const server = await createLocalModels({ port: 0, tokenDelayMs: 0 });
    open.push(server);
    const bodies: Record<string, unknown> = {};
    for (const [provider, settings, name] of [
      ['openai', { OPENAI_API_KEY: 'k' }, 'OPENAI_BASE_URL'],
      ['mistral', { MISTRAL_API_KEY: 'k' }, 'MISTRAL_BASE_URL'],
      ['cohere', { COHERE_API_KEY: 'k' }, 'COHERE_BASE_URL'],
    ] as const) {
      const { context } = testCall({ ...settings, [name]: `${server.url}/v1` });
      const target = { modelId: `${provider}/swift`, provider, upstreamName: 'swift' };
      const stream = await streamModel(context, target, asking('Hello', { seed: 7, maxTokens: 50 }), options);
      await stream.events.return();
      bodies[provider] = JSON.parse(server.stats.snapshot().last.swift?.[0]?.body ?? '{}');
    }
    expect(bodies.openai).toMatchObject({
      stream_options: { include_usage: true },
      seed: 7,
      max_completion_tokens: 50,
    });
    expect(bodies.mistral).toMatchObject({ random_seed: 7, max_tokens: 50 });
    for (const provider of ['mistral', 'cohere'])
      expect(bodies[provider]).not.toHaveProperty('stream_options');
    expect(bodies.mistral).not.toHaveProperty('seed');
  });
});
