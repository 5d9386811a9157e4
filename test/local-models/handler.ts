/** Answers one request: finds its route, reads it, meets the model's fault, delivers the answer. */
import { embeddingTokens, replyTo } from './answer.ts';
import type { Ask, Format } from './ask.ts';
import { deliverJson, deliverStream, deliverWhole } from './delivery.ts';
import { hexDigest } from './digest.ts';
import { type Directives, readDirectives } from './directives.ts';
import { geminiBatchEmbed, geminiEmbedContent, openaiEmbeddings } from './embeddings.ts';
import type { Exchange } from './exchange.ts';
import { Fault } from './fault.ts';
import { bodyObject, optionalObject, requiredText } from './fields.ts';
import { modelList, noSuchModel, oneModel } from './model-lists.ts';
import { findModel, type LocalModel } from './models.ts';
import { parseBody, readBody } from './request-body.ts';
import type { Route } from './routes.ts';
import { isObject } from './schema/schema.ts';
import { type StatsCollector, UNKNOWN_MODEL } from './stats.ts';
import { inputTokens } from './tokens.ts';
import type { Turnstile } from './turnstile.ts';
import { anthropic } from './wires/anthropic.ts';
import { readAnthropic } from './wires/anthropic-read.ts';
import { gemini } from './wires/gemini.ts';
import { geminiTurns, readGemini } from './wires/gemini-read.ts';
import { openaiChat } from './wires/openai-chat.ts';
import { readOpenaiChat } from './wires/openai-chat-read.ts';
import { openaiResponses } from './wires/openai-responses.ts';
import { readOpenaiResponses } from './wires/openai-responses-read.ts';
import type { Wire } from './wires/wire.ts';

export interface Setting {
  stats: StatsCollector;
  turnstile: Turnstile;
  retryAfterSeconds: number;
  tokenDelayMs: number;
}

const WIRES: { [format in Format]: Wire } = {
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  'openai-embeddings': openaiChat,
  anthropic,
  gemini,
};

/** Whose shape `[[wrong-format]]` answers in. */
const WRONG: { [format in Format]: Format } = {
  'openai-chat': 'anthropic',
  'openai-responses': 'openai-chat',
  'openai-embeddings': 'anthropic',
  anthropic: 'gemini',
  gemini: 'openai-chat',
};

/** The error for a path or a method that is not served. */
export function noRoute(route: Route, method: string, path: string): Fault {
  if (route.wrongMethod)
    return new Fault(405, `Not allowed to ${method} on ${path}. (HINT: use another method)`, {
      code: 'method_not_allowed',
    });
  return new Fault(404, route.format === 'anthropic' ? 'Not Found' : `Invalid URL (${method} ${path})`, {
    code: 'unknown_url',
  });
}

/** Sends an error in the format's shape. */
export function sendFault(exchange: Exchange, fault: Fault, route: Route): void {
  if (exchange.response.headersSent) {
    // Too late for a status: a broken connection is the only honest sign left.
    exchange.drop();
    return;
  }
  const body = WIRES[route.format].faultBody(fault, exchange.requestId);
  const retry: { [name: string]: string } =
    fault.retryAfterSeconds === null ? {} : { 'retry-after': `${fault.retryAfterSeconds}` };
  // Streams that are JSON arrays fail as JSON arrays.
  const asArray = route.format === 'gemini' && route.stream && !route.serverSentEvents;
  exchange.json(
    fault.status,
    asArray ? [body] : body,
    retry,
    fault.status === 429 ? (fault.retryAfterSeconds ?? 0) * 1000 : null,
  );
}

function readAsk(route: Route, value: unknown): Ask {
  switch (route.format) {
    case 'openai-chat':
      return readOpenaiChat(value);
    case 'openai-responses':
      return readOpenaiResponses(value);
    case 'anthropic':
      return readAnthropic(value, route.operation === 'count');
    default:
      return readGemini(value, route.model ?? '', route.stream, route.serverSentEvents);
  }
}

function overloaded(format: Format): Fault {
  if (format === 'anthropic') return new Fault(529, 'Overloaded');
  return new Fault(
    503,
    format === 'gemini'
      ? 'The model is overloaded. Please try again later.'
      : 'The server is currently overloaded with other requests. Please retry your request.',
  );
}

function rateLimited(model: string, format: Format, retryAfterSeconds: number): Fault {
  const message =
    format === 'anthropic'
      ? 'This request would exceed your organization’s rate limit of 10,000 requests per minute.'
      : format === 'gemini'
        ? 'You exceeded your current quota, please check your plan and billing details.'
        : `Rate limit reached for ${model} in organization local on requests per min (RPM): Limit 10000, Used 10000, Requested 1. Please try again in ${retryAfterSeconds}s.`;
  return new Fault(429, message, { retryAfterSeconds });
}

/** The faults that come before any answer. */
async function meetFault(
  exchange: Exchange,
  model: LocalModel,
  hash: string,
  setting: Setting,
): Promise<void> {
  if (model.fault === 'silent') await exchange.waitForever();
  if (model.fault === 'overloaded') throw overloaded(exchange.format);
  if (model.fault === 'rate-limited' && setting.turnstile.refuses(hash))
    throw rateLimited(model.name, exchange.format, setting.retryAfterSeconds);
}

function statusFault(directives: Directives, setting: Setting): Fault | null {
  if (directives.status === null) return null;
  const retryAfterSeconds = directives.status === 429 ? setting.retryAfterSeconds : null;
  return new Fault(directives.status, `Status ${directives.status}, as the prompt asked.`, {
    retryAfterSeconds,
  });
}

async function generate(
  exchange: Exchange,
  route: Route,
  value: unknown,
  hash: string,
  setting: Setting,
): Promise<void> {
  const asked = readAsk(route, value);
  const model = findModel(asked.model);
  if (model === undefined || !model.chats) throw noSuchModel(route.format, asked.model);
  const ask = { ...asked, model: model.name };
  await meetFault(exchange, model, hash, setting);
  const directives = readDirectives(ask);
  exchange.left = directives.left;
  const status = statusFault(directives, setting);
  if (status !== null) throw status;
  const reply = replyTo(ask, model, hash, directives);
  exchange.tokens = reply.usage.input + reply.usage.output;
  const wire = WIRES[directives.wrongFormat ? WRONG[route.format] : route.format];
  const delivery = { exchange, wire, reply, model, directives, tokenDelayMs: setting.tokenDelayMs };
  await (ask.stream ? deliverStream(delivery) : deliverWhole(delivery));
}

function embeddingBody(route: Route, value: unknown): unknown {
  if (route.operation === 'embed-batch') return geminiBatchEmbed(value);
  return route.format === 'gemini' ? geminiEmbedContent(value) : openaiEmbeddings(value);
}

async function embedTexts(
  exchange: Exchange,
  route: Route,
  value: unknown,
  hash: string,
  setting: Setting,
): Promise<void> {
  const name = route.model ?? requiredText(bodyObject(value), 'model');
  const model = findModel(name);
  if (model === undefined || !model.embeds) throw noSuchModel(route.format, name, 'embedContent');
  const body = embeddingBody(route, value);
  await meetFault(exchange, model, hash, setting);
  if (model.fault === 'refuses')
    throw new Fault(400, 'This input was refused by a local stand-in for reasons of policy.', {
      code: 'content_policy_violation',
    });
  exchange.tokens = embeddingTokens([JSON.stringify(value)]);
  await deliverJson(exchange, body, model);
}

/** Counts a prompt's tokens. Gemini may wrap the whole request in `generateContentRequest`. */
async function countPrompt(
  exchange: Exchange,
  route: Route,
  value: unknown,
  hash: string,
  setting: Setting,
): Promise<void> {
  const body = bodyObject(value);
  const name = route.model ?? requiredText(body, 'model');
  const model = findModel(name);
  if (model === undefined || !model.chats) throw noSuchModel(route.format, name, 'countTokens');
  await meetFault(exchange, model, hash, setting);
  if (route.format === 'anthropic') {
    await deliverJson(exchange, { input_tokens: inputTokens(readAnthropic(body, true)) }, model);
    return;
  }
  const wrapped = optionalObject(body, 'generateContentRequest') ?? {
    contents: geminiTurns(body).length > 0 ? body.contents : [],
  };
  const tokens = inputTokens(readGemini(wrapped, name, false, false));
  await deliverJson(
    exchange,
    { totalTokens: tokens, promptTokensDetails: [{ modality: 'TEXT', tokenCount: tokens }] },
    model,
  );
}

function modelNamed(route: Route, value: unknown): string {
  const name = route.model ?? (isObject(value) && typeof value.model === 'string' ? value.model : '');
  return findModel(name)?.name ?? UNKNOWN_MODEL;
}

/** Answers a request whose route takes a body. Throws a Fault, or ClientGone. */
async function answerPost(exchange: Exchange, route: Route, path: string, setting: Setting): Promise<void> {
  const bytes = await readBody(exchange.request);
  let value: unknown;
  try {
    value = parseBody(bytes);
  } finally {
    exchange.model = modelNamed(route, value);
    setting.stats.saw(exchange.model, route.format, path, exchange.request.headers, bytes);
  }
  if (route.format === 'anthropic' && exchange.request.headers['anthropic-version'] === undefined) {
    throw new Fault(400, 'anthropic-version: header is required');
  }
  const hash = hexDigest(path, bytes.toString('latin1'));
  if (route.operation === 'generate') await generate(exchange, route, value, hash, setting);
  else if (route.operation === 'count') await countPrompt(exchange, route, value, hash, setting);
  else await embedTexts(exchange, route, value, hash, setting);
}

/** Answers a request. Throws a Fault, or ClientGone when nobody is left to answer. */
export async function answer(exchange: Exchange, route: Route, url: URL, setting: Setting): Promise<void> {
  switch (route.operation) {
    case null:
      throw noRoute(route, exchange.request.method ?? 'GET', url.pathname);
    case 'health':
      return exchange.json(200, { status: 'ok', service: 'local-models' });
    case 'models':
      return exchange.json(200, modelList(route.format, url.searchParams));
    case 'model':
      return exchange.json(200, oneModel(route.format, route.model ?? ''));
    case 'stats':
      return exchange.json(200, setting.stats.snapshot());
    case 'stats-reset':
      setting.stats.reset();
      return exchange.json(200, { status: 'reset' });
    default:
      return await answerPost(exchange, route, url.pathname + url.search, setting);
  }
}
