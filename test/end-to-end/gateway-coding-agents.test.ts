import type Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import type { ResponseCreateParamsNonStreaming } from 'openai/resources/responses/responses';
import { beforeAll, describe, inject, it } from 'vitest';
import {
  addResponder,
  anthropic,
  MODELS,
  mark,
  openAi,
  PIXEL,
  PIXEL_BYTES,
  sentWith,
  WEATHER,
  WEATHER_QUESTION,
  weatherIn,
} from './gateway-clients.ts';

/** Requests as coding agents send them: much advice in them, and all of it must do no harm. */
beforeAll(addResponder);

const TEST = { ...WEATHER.schema, required: [...WEATHER.schema.required] };

describe.concurrent('Claude Code', () => {
  const BETAS =
    'claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27,prompt-caching-scope-2026-01-05,message-threads-2026-08-12';
  const body = (model: string, text: string) => ({
    model,
    max_tokens: 32_000,
    stream: true,
    system: [
      { type: 'text', text: 'You are an agent that writes code.' },
      { type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral', ttl: '1h', scope: 'global' } },
    ],
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: '<system-reminder>Today is a working day.</system-reminder>' },
          { type: 'text', text, cache_control: { type: 'ephemeral' } },
        ],
      },
    ],
    tools: [
      {
        name: WEATHER.name,
        description: WEATHER.description,
        input_schema: TEST,
        eager_input_streaming: true,
      },
      {
        name: 'Bash',
        description: 'Runs a command',
        input_schema: { type: 'object', properties: {} },
        defer_loading: true,
      },
      { type: 'tool_search_tool_regex_20251119', name: 'tool_search_tool_regex' },
    ],
    metadata: { user_id: '{"device_id":"d","account_uuid":"","session_id":"s"}' },
    thinking: { type: 'adaptive' },
    output_config: { effort: 'medium' },
    context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
    thread: { type: 'create' },
  });
  const post = (path: string, value: object) =>
    fetch(`${inject('baseUrl')}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${inject('apiKey')}`,
        'content-type': 'application/json',
        accept: 'application/json',
        'anthropic-version': '2026-10-21',
        'anthropic-beta': BETAS,
        'anthropic-dangerous-direct-browser-access': 'true',
        'user-agent': 'claude-cli/2.1.294 (external, cli)',
        'x-app': 'cli',
        'x-claude-code-session-id': 's',
        'x-stainless-lang': 'js',
        'x-stainless-retry-count': '0',
        'x-stainless-timeout': '600',
      },
      body: JSON.stringify(value),
    });

  it.for(MODELS)(
    'works with %s: its first request is answered, with tools called',
    async (model, { expect }) => {
      const text = `${WEATHER_QUESTION} ${mark()}`;
      const response = await post('/v1/messages?beta=true', body(model, text));
      expect(response.status).toBe(200);
      const answer = await response.text();
      expect(answer).toContain('event: message_stop');
      expect(answer).toContain('"stop_reason":"tool_use"');
      expect(answer).toContain(WEATHER.name);
      const [sent] = await sentWith(text);
      if (model === 'local/sage') {
        // The same format: the body is the client's own, in its own version, with its own betas.
        expect(sent?.body).toEqual({ ...body('sage', text), thread: { type: 'create' } });
        expect(sent?.headers).toMatchObject({ 'anthropic-version': '2026-10-21', 'anthropic-beta': BETAS });
        expect(response.headers.get('x-parallax-dropped')).toBeNull();
      } else {
        const dropped = response.headers.get('x-parallax-dropped')?.split(', ');
        expect(dropped).toEqual(expect.arrayContaining(['context_management', 'thread', 'tools']));
        expect(sent?.headers).not.toHaveProperty('anthropic-beta');
      }
      expect(sent?.headers).not.toHaveProperty('x-claude-code-session-id');
    },
  );

  it.for(MODELS)(
    'works with %s: it is told to send the whole conversation, and then answered',
    async (model, { expect }) => {
      const only = {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'clear' }],
      };
      const delta = {
        ...body(model, WEATHER_QUESTION),
        messages: [only],
        thread: { type: 'continue', previous_message_id: 'msg_1' },
      };
      const refused = await post('/v1/messages?beta=true', delta);
      expect(refused.status).toBe(400);
      expect(await refused.json()).toMatchObject({
        type: 'error',
        error: { type: 'invalid_request_error', details: { error_code: 'thread_unsupported_request' } },
      });
      const { thread: _, ...whole } = body(model, WEATHER_QUESTION);
      const call = { type: 'tool_use', id: 'toolu_1', name: WEATHER.name, input: { city: 'Paris' } };
      const picture = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PIXEL } };
      const result = {
        type: 'tool_result',
        tool_use_id: 'toolu_1',
        content: [{ type: 'text', text: weatherIn('Paris') }, picture],
        cache_control: { type: 'ephemeral' },
      };
      const reminder = { type: 'text', text: '<system-reminder>And in a word?</system-reminder>' };
      const messages = [
        ...whole.messages,
        { role: 'assistant', content: [call] },
        { role: 'user', content: [result, reminder] },
      ];
      const response = await post('/v1/messages?beta=true', { ...whole, messages, stream: false });
      const answer = (await response.json()) as Anthropic.Message;
      expect(response.status).toBe(200);
      const text = answer.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
      expect(text).toContain(weatherIn('Paris'));
      expect(text).toContain(`${PIXEL_BYTES} bytes`);
    },
  );

  it('counts before it sends, and lists the models', async ({ expect }) => {
    const {
      thread: _thread,
      max_tokens: _bound,
      stream: _stream,
      ...counted
    } = body('auto', WEATHER_QUESTION);
    const response = await post('/v1/messages/count_tokens?beta=true', counted);
    expect(await response.json()).toEqual({ input_tokens: expect.any(Number) });
    const beta = await anthropic().beta.messages.countTokens({
      model: 'local/sage',
      messages: [{ role: 'user', content: 'Hello' }],
    });
    expect(beta.input_tokens).toBeGreaterThan(0);
  });

  it.for(MODELS)('asks %s for a word to see whether it may', async (model, { expect }) => {
    const response = await post('/v1/messages?beta=true', {
      model,
      max_tokens: 1,
      messages: [{ role: 'user', content: 'quota' }],
      metadata: { user_id: 'u' },
    });
    expect(response.status).toBe(200);
    await response.text();
  });
});

describe.concurrent('Codex', () => {
  const request = (model: string, text: string) =>
    ({
      model,
      instructions: 'You are an agent that writes code.',
      input: [
        {
          type: 'message',
          role: 'developer',
          content: [{ type: 'input_text', text: 'The sandbox is open.' }],
        },
        { type: 'message', role: 'user', content: [{ type: 'input_text', text }] },
      ],
      tools: [
        {
          type: 'function',
          name: WEATHER.name,
          description: WEATHER.description,
          parameters: TEST,
          strict: false,
        },
        {
          type: 'custom',
          name: 'apply_patch',
          description: 'Changes files',
          format: { type: 'grammar', syntax: 'lark', definition: 'start: "a"' },
        },
        { type: 'web_search', external_web_access: false },
      ],
      tool_choice: 'auto',
      parallel_tool_calls: false,
      reasoning: { effort: 'medium', summary: 'auto' },
      include: ['reasoning.encrypted_content'],
      store: false,
      prompt_cache_key: 'session-1',
      text: { verbosity: 'medium' },
      client_metadata: { 'x-codex-installation-id': 'i' },
    }) as unknown as ResponseCreateParamsNonStreaming;

  it.for(MODELS)(
    'works with %s: one call at a time, answered with a picture, to the end',
    async (model, { expect }) => {
      const client = openAi({
        defaultHeaders: { originator: 'codex_cli_rs', session_id: 's', version: '1.0.0' },
      });
      const text = `${WEATHER_QUESTION} ${mark()}`;
      const first = await client.responses.stream({ ...request(model, text), stream: true }).finalResponse();
      const calls = first.output.filter((item) => item.type === 'function_call');
      expect(calls).toHaveLength(1);
      const second = await client.responses
        .stream({
          ...request(model, text),
          stream: true,
          input: [
            ...(request(model, text).input as OpenAI.Responses.ResponseInputItem[]),
            ...(first.output as OpenAI.Responses.ResponseInputItem[]),
            {
              type: 'function_call_output',
              call_id: calls[0]?.call_id ?? '',
              output: [
                { type: 'input_text', text: weatherIn('Paris') },
                { type: 'input_image', image_url: `data:image/png;base64,${PIXEL}`, detail: 'auto' },
              ],
            },
          ],
        })
        .finalResponse();
      expect(second.status).toBe('completed');
      expect(second.output_text).toContain(weatherIn('Paris'));
      const [sent] = await sentWith(text);
      expect(sent?.headers).not.toHaveProperty('originator');
    },
  );

  it.for(MODELS)('is told by %s when it refers to what only a provider keeps', async (model, { expect }) => {
    const refer = (more: Partial<ResponseCreateParamsNonStreaming>) =>
      openAi({ maxRetries: 0 })
        .responses.create({ model, input: 'Go on.', ...more })
        .then(
          () => undefined,
          (error: unknown) => error,
        );
    const earlier = await refer({ previous_response_id: 'resp_1' });
    expect(earlier).toBeInstanceOf(OpenAI.BadRequestError);
    expect(earlier).toMatchObject({ param: 'previous_response_id' });
    const item = await refer({
      input: [
        { type: 'item_reference', id: 'msg_1' },
        { role: 'user', content: 'Go on.' },
      ],
    });
    expect(item).toMatchObject(
      model === 'local/responder' ? { status: 404, code: 'not_found' } : { status: 400, param: 'input[0]' },
    );
  });
});
