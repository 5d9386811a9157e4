import type { AppContext } from '../../platform/http/context.ts';
import { readJson } from '../../platform/http/read-json.ts';
import { type Nano, ZERO } from '../../platform/money.ts';
import { SSE_HEADERS } from '../../platform/sse.ts';
import { CREDIT_LIMIT } from '../metering/index.ts';
import {
  codecFor,
  type ForwardedAnswer,
  type ForwardedStream,
  forwardStream,
  forwardWhole,
} from '../providers/index.ts';
import { answerHeaders } from './answer-headers.ts';
import { choiceOf, chooseRoute, type RoutedCall } from './choose.ts';
import { type ClientCall, MAX_BODY_BYTES, readClientCall } from './client-call.ts';
import { markedBody } from './credit-limit.ts';
import { modelsOf } from './models-of.ts';
import { routedConversation } from './prompt-features.ts';
import { type AnsweringRun, answerByRun, runNamed, runOfPanel } from './serve-run.ts';
import { admissionOf, askModels, droppedHeader, type Serving, serveToEnd, servingOf } from './serving.ts';
import { AnswerKeeper, isStorable } from './stored-answer.ts';
import { type AnswerStore, answerStore, answerStored } from './stored-turn.ts';
import { annotateStream, type StreamContext, translateStream } from './stream-answer.ts';
import { pipeStream } from './stream-pipe.ts';
import type { Surface } from './surface.ts';

/** Answers a request of one of the chat shapes: reads it, chooses the models, asks them, and passes the answer on. */
export function serveChat(c: AppContext, surface: Surface): Promise<Response> {
  return serveToEnd(c, answer(c, surface));
}

/** A chat call on its way. */
interface ChatServing extends Serving {
  readonly call: ClientCall;
  /** Where the answer is kept, when somebody wants it again. */
  readonly store: AnswerStore | null;
}

async function answer(c: AppContext, surface: Surface): Promise<Response> {
  const admission = admissionOf(c);
  let streaming = false;
  let store: AnswerStore | null = null;
  try {
    const body = await readJson(c.req.raw, MAX_BODY_BYTES);
    const call = readClientCall(surface, body, c.req.raw.headers);
    const byRun = async (run: AnsweringRun) => {
      const response = await answerByRun(c, call, run);
      streaming = call.stream;
      return response;
    };
    const run = runNamed(call.model);
    if (run !== undefined) return await byRun(run);
    const models = await modelsOf(c, admission.principal);
    const route = await chooseRoute(c, models.catalog, admission.principal, routed(call));
    const choice = choiceOf(route);
    if (route.panel !== null) return await byRun(runOfPanel(route.panel, choice.headers));
    const { feature } = surface;
    const { stream, inputTokens, maxTokens, choices } = call;
    const served = { feature, stream, inputTokens, maxTokens, choices };
    const serving = servingOf(c, models, choice, served, admission.principal);
    store = await answerStore(c, call, admission, serving.record.id);
    const kept = await store?.find();
    if (kept != null) return answerStored(c, call, admission, serving.record, kept);
    const chat = { ...serving, call, store };
    if (!call.stream) return await answerWhole(chat);
    const response = await answerStream(chat);
    streaming = true;
    return response;
  } catch (error) {
    await store?.release();
    throw error;
  } finally {
    if (!streaming) admission.release();
  }
}

function routed({ model, models, provider, inputTokens, maxTokens, neutral }: ClientCall): RoutedCall {
  return {
    model,
    models,
    provider,
    category: 'chat',
    inputTokens,
    maxTokens,
    conversation: () => routedConversation(neutral().request, inputTokens),
  };
}

async function answerWhole(serving: ChatServing): Promise<Response> {
  const { c, call, record, store } = serving;
  const answered = await askModels(serving, (context, target, options) =>
    forwardWhole(context, target, call.request, options),
  );
  const { usage, choices } = answered.response;
  const cost = record.cost(answered.target, usage);
  // What was bounded by the credit and has come to that bound was ended by it.
  const limited = record.bounded && choices.some(({ finishReason }) => finishReason === 'length');
  const errorKind = limited ? CREDIT_LIMIT : null;
  const end = { status: 'ok', errorKind, usage, estimated: false, firstTokenMs: null } as const;
  if (record.isCovered(answered.target, usage)) record.end(answered, end);
  else c.executionCtx.waitUntil(record.endCovered(answered, end));
  const whole = bodyOf(answered, call, c.get('clock').now());
  const body = limited ? markedBody(whole) : whole;
  if (store !== null) {
    const kept = isStorable(answered.response) && !limited ? body : null;
    c.executionCtx.waitUntil(store.keep(kept, call.surface.format, answered.target, cost ?? ZERO));
  }
  c.set('sealed', true);
  return new Response(body, { headers: headersOf(serving, answered, 'application/json', cost) });
}

/** The answer in the client's format: as it came where it came so. */
function bodyOf(answered: ForwardedAnswer, call: ClientCall, now: number): string {
  if (answered.verbatim) return answered.text;
  const { response, target } = answered;
  const encoded = codecFor(call.surface.format).encodeResponse(
    { ...response, created: response.created || now },
    { model: target.modelId, includeUsage: true, request: call.neutral().request },
  );
  return JSON.stringify(encoded);
}

async function answerStream(serving: ChatServing): Promise<Response> {
  const { c, admission, call, record, store } = serving;
  const answered = await askModels(serving, (context, target, options) =>
    forwardStream(context, target, call.request, options),
  );
  const clock = c.get('clock');
  const log = c.get('log');
  const requestId = c.get('requestId');
  const firstTokenMs = Math.max(0, clock.now() - answered.startedAt);
  const keeper = store === null ? null : new AnswerKeeper(call.surface.format, answered.target.modelId);
  const context: StreamContext = {
    call,
    requestId,
    now: clock.now(),
    cost: (usage) => record.cost(answered.target, usage),
    limit: record.limit(answered.target),
    ...(keeper === null ? {} : { watch: keeper.watch }),
  };
  const exact = answered.verbatim && call.streamForm === 'exact';
  // What is piped nobody follows: that is for answers for which there is plenty of credit, whatever they come to.
  const piped = exact && keeper === null && record.needsNoFollowing(answered.target);
  const streamed = piped
    ? pipeStream(answered, context, c.executionCtx.exports.StreamMeter, log)
    : answered.verbatim
      ? annotateStream(answered, context, exact && keeper === null)
      : translateStream(answered, context);
  c.executionCtx.waitUntil(
    streamed.ended.then(async (summary) => {
      const cost = await record.endStream(answered, summary, firstTokenMs);
      admission.release();
      if (store !== null && keeper !== null)
        await store.keep(keeper.body(), call.surface.format, answered.target, cost);
    }),
  );
  c.set('sealed', true);
  const type = SSE_HEADERS['content-type'] ?? 'text/event-stream';
  const headers = headersOf(serving, answered, type, null);
  headers['x-accel-buffering'] = 'no';
  return new Response(streamed.body, { headers });
}

function headersOf(
  { c, admission, call, choice, store }: ChatServing,
  answered: ForwardedAnswer | ForwardedStream,
  contentType: string,
  cost: Nano | null,
): Record<string, string> {
  return answerHeaders({
    surface: call.surface,
    requestId: c.get('requestId'),
    rate: admission.rate,
    tokens: admission.tokens,
    contentType,
    target: answered.target,
    cost,
    more: { ...choice.headers, ...store?.headers, ...droppedHeader(answered) },
  });
}
