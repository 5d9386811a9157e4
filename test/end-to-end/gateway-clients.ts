import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { inject } from 'vitest';
import { z } from 'zod';
import type { SeenRequest, StatsSnapshot } from '../local-models/stats.ts';

/** One model of each wire format that a provider may speak. */
export const MODELS = ['local/swift', 'local/sage', 'local/scribe', 'local/responder'] as const;
export type ModelId = (typeof MODELS)[number];

export const FORMS = ['whole', 'streamed'] as const;
export const EVERY = MODELS.flatMap((model) => FORMS.map((form) => [model, form] as const));

/** OpenAI's client as its readme makes it, with the gateway's address and key. */
export function openAi(options: ConstructorParameters<typeof OpenAI>[0] = {}): OpenAI {
  return new OpenAI({ baseURL: `${inject('baseUrl')}/v1`, apiKey: inject('apiKey'), ...options });
}

/** Anthropic's, likewise. */
export function anthropic(options: ConstructorParameters<typeof Anthropic>[0] = {}): Anthropic {
  return new Anthropic({ baseURL: inject('baseUrl'), apiKey: inject('apiKey'), ...options });
}

/** Adds a model as an operator does. */
export async function putModel(id: string, body: object): Promise<void> {
  const response = await fetch(`${inject('baseUrl')}/v1/operator/models/${id}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${inject('operatorToken')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ category: 'chat', pricing: { input: 0, output: 0 }, ...body }),
  });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
}

/** The model that answers in OpenAI's Responses format; the other three are there from the start. */
export function addResponder(): Promise<void> {
  return putModel('local/responder', { upstream_name: 'swift', wire: 'openai-responses' });
}

/** What has come in at the local models. */
export async function statistics(): Promise<StatsSnapshot> {
  const response = await fetch(`${inject('serverModelsUrl')}/_stats`);
  return (await response.json()) as StatsSnapshot;
}

/** A request that a local model was sent, told by a text that only it has. */
export interface Sent {
  readonly format: string;
  readonly headers: SeenRequest['headers'];
  // biome-ignore lint/suspicious/noExplicitAny: a body of any format, looked at member by member.
  readonly body: any;
}

/** The requests that reached the local models with this text in their body, oldest first. */
export async function sentWith(mark: string): Promise<readonly Sent[]> {
  const { last } = await statistics();
  return Object.values(last)
    .flat()
    .filter(({ body }) => body.includes(mark))
    .sort((a, b) => a.at - b.at)
    .map(({ format, headers, body }) => ({ format, headers, body: JSON.parse(body) as unknown }));
}

/** Waits until the condition holds; throws after `withinMs`. */
export async function eventually(condition: () => Promise<boolean>, withinMs: number): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`it did not come to be within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

let marks = 0;

/** A text that no other request has. */
export function mark(): string {
  marks += 1;
  return `mark-${process.pid}-${marks}`;
}

export const QUESTION = 'Why is the sky blue?';
export const STAND_IN = 'not from a trained model';

/** A question that makes the local models call `get_weather`, once for each of the two cities. */
export const WEATHER_QUESTION = 'What is the weather in Paris and in Berlin?';
export const CITIES = ['Paris', 'Berlin'];
export const weatherInput = z.object({ city: z.string() });
export const WEATHER = {
  name: 'get_weather',
  description: 'The weather in a city at this moment',
  schema: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
} as const;
export const weatherIn = (city: string) => `${city}: 17 degrees and clear`;

/** What a structured answer is to look like. */
export const VERDICT = z.object({
  verdict: z.string(),
  score: z.number().min(0).max(10),
  reasons: z.array(z.string()),
});

/** A picture of one white pixel. */
export const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/x8AAwMCAO+ip1sAAAAASUVORK5CYII=';
export const PIXEL_BYTES = Buffer.from(PIXEL, 'base64').byteLength;
/** The beginning of a PDF, which is all that the local models look at. */
export const PDF = Buffer.from('%PDF-1.7\n%local').toString('base64');
