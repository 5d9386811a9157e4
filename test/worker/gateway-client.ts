import { exports } from 'cloudflare:workers';
import { readSse, type SseEvent } from '../../src/platform/sse.ts';
import { type Client, OPERATOR_TOKEN, ORIGIN } from './client.ts';

/** The chat shapes, each with the smallest request and where its answer's text stands. */
export const SHAPES = {
  chat: {
    path: '/v1/chat/completions',
    body: (model: string, prompt: string) => ({ model, messages: [{ role: 'user', content: prompt }] }),
    text: (answer: Json) => String(answer.choices?.[0]?.message?.content ?? ''),
  },
  responses: {
    path: '/v1/responses',
    body: (model: string, prompt: string) => ({ model, input: prompt }),
    text: (answer: Json) =>
      (answer.output ?? [])
        .flatMap((item: Json) => item.content ?? [])
        .map((part: Json) => part.text ?? '')
        .join(''),
  },
  messages: {
    path: '/v1/messages',
    body: (model: string, prompt: string) => ({
      model,
      max_tokens: 2_000,
      messages: [{ role: 'user', content: prompt }],
    }),
    text: (answer: Json) => (answer.content ?? []).map((part: Json) => part.text ?? '').join(''),
  },
} as const;
export type ShapeName = keyof typeof SHAPES;
export const SHAPE_NAMES = Object.keys(SHAPES) as ShapeName[];

/** JSON of a foreign format, looked at member by member in tests. */
// biome-ignore lint/suspicious/noExplicitAny: the formats' own types are the SDKs', which the end-to-end tests use.
export type Json = any;

/** One chat request in a shape. */
export function ask(
  client: Client,
  shape: ShapeName,
  model: string,
  prompt: string,
  more: {
    readonly body?: object;
    readonly headers?: Record<string, string>;
    readonly signal?: AbortSignal;
  } = {},
): Promise<Response> {
  return client.fetch(SHAPES[shape].path, {
    body: { ...SHAPES[shape].body(model, prompt), ...more.body },
    ...(more.headers === undefined ? {} : { headers: more.headers }),
    ...(more.signal === undefined ? {} : { signal: more.signal }),
  });
}

/** The events of a streamed answer. Throws with the server's answer when it is none. */
export async function eventsOf(response: Response): Promise<SseEvent[]> {
  if (!response.ok || response.body === null) throw new Error(`${response.status}: ${await response.text()}`);
  return Array.fromAsync(readSse(response.body));
}

/** The text that a stream's events of a shape come to. */
export function textOf(shape: ShapeName, events: readonly SseEvent[]): string {
  let text = '';
  for (const { data } of events) {
    if (data === '[DONE]') continue;
    const event = JSON.parse(data) as Json;
    if (shape === 'chat') text += event.choices?.[0]?.delta?.content ?? '';
    else if (shape === 'responses') text += event.type === 'response.output_text.delta' ? event.delta : '';
    else text += event.delta?.text ?? '';
  }
  return text;
}

/** Says of a model what an operator says. */
export async function putModel(id: string, body: object): Promise<void> {
  const response = await exports.default.fetch(`${ORIGIN}/v1/operator/models/${id}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${OPERATOR_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
}
