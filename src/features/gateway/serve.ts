import { ParallaxError } from '../../platform/errors.ts';
import type { Admission, AppContext } from '../../platform/http/context.ts';
import { readJson } from '../../platform/http/read-json.ts';
import { SSE_HEADERS } from '../../platform/sse.ts';
import { type Catalog, loadCatalog, type Model } from '../catalog/index.ts';
import { type ChosenBy, createMeter } from '../metering/index.ts';
import {
  type CallOptions,
  codecFor,
  createCallContext,
  type ForwardedAnswer,
  type ForwardedStream,
  forwardStream,
  forwardWhole,
  ModelCallError,
  type ModelTarget,
} from '../providers/index.ts';
import { answerHeaders } from './answer-headers.ts';
import { CallRecord } from './call-record.ts';
import { type ClientCall, MAX_BODY_BYTES, readClientCall } from './client-call.ts';
import { clientName } from './client-name.ts';
import { annotateStream, type StreamContext, translateStream } from './stream-answer.ts';
import { pipeStream } from './stream-pipe.ts';
import type { Surface } from './surface.ts';
import { asClientError } from './upstream-error.ts';

/** How often a call that takes long says that it is still under way, in milliseconds: well within every lease. */
const BEAT_MS = 5_000;
/** Times of a call when nothing else is said: models that think may be silent for minutes. Milliseconds. */
const PATIENT = { headersMs: 180_000, firstEventMs: 180_000, idleMs: 180_000, totalMs: 900_000 };
/** With another model to fall back on, the first is not waited for as long. */
const WITH_FALLBACKS = { ...PATIENT, headersMs: 45_000, firstEventMs: 45_000 };

/** What was chosen for a call. */
export interface Choice {
  /** First choice and fallbacks, never empty. */
  readonly models: readonly Model[];
  readonly chosenBy: ChosenBy;
  readonly task: string | null;
  /** More headers that explain it. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A call on its way: everything around it that its parts need. */
interface Serving {
  readonly c: AppContext;
  readonly admission: Admission;
  readonly call: ClientCall;
  readonly choice: Choice;
  readonly catalog: Catalog;
  readonly record: CallRecord;
}

/**
 * Answers a request of one of the chat shapes: reads it, chooses the models, asks them, and passes the answer on. The work goes on when the client
 * leaves, as long as it takes to stop the provider and to record what it had produced.
 */
export async function serve(c: AppContext, surface: Surface): Promise<Response> {
  const work = answer(c, surface);
  // Without this the platform would cut the work off with the client's connection, and what was held would stay held.
  c.executionCtx.waitUntil(
    work.then(
      () => undefined,
      () => undefined,
    ),
  );
  return work;
}

async function answer(c: AppContext, surface: Surface): Promise<Response> {
  const admission = admissionOf(c);
  let streaming = false;
  try {
    const body = await readJson(c.req.raw, MAX_BODY_BYTES);
    const call = readClientCall(surface, body, c.req.raw.headers);
    const catalog = await loadCatalog(c.env, c.var.config, c.var.clock);
    const choice = await choose(c, admission, call, catalog);
    const serving = {
      c,
      admission,
      call,
      choice,
      catalog,
      record: recordOf(c, admission, call, choice, catalog),
    };
    if (!call.stream) return await answerWhole(serving);
    const response = await answerStream(serving);
    streaming = true;
    return response;
  } finally {
    if (!streaming) admission.release();
  }
}

function admissionOf(c: AppContext): Admission {
  const { admission } = c.var;
  if (admission === undefined) throw new Error('a gateway operation must be limited');
  return admission;
}

async function choose(
  _c: AppContext,
  _admission: Admission,
  call: ClientCall,
  catalog: Catalog,
): Promise<Choice> {
  const models = [call.model, ...call.models].map((name) => chatModel(catalog.require(name)));
  return { models, chosenBy: 'explicit', task: null, headers: {} };
}

function chatModel(model: Model): Model {
  if (model.category === 'chat') return model;
  throw new ParallaxError(
    'unsupported_parameter',
    `${model.id} is a model for ${model.category}; it cannot answer a conversation.`,
    { param: 'model' },
  );
}

function recordOf(
  c: AppContext,
  admission: Admission,
  call: ClientCall,
  choice: Choice,
  catalog: Catalog,
): CallRecord {
  const { clock, log, requestId } = c.var;
  const byId = new Map(choice.models.map((model) => [model.id, model]));
  return new CallRecord(
    {
      principal: admission.principal,
      requestId,
      feature: call.surface.feature,
      client: clientName(c.req.raw.headers),
      chosenBy: choice.chosenBy,
      task: choice.task,
      stream: call.stream,
      inputTokens: call.inputTokens,
      maxTokens: call.maxTokens,
    },
    {
      meter: createMeter(c.env, clock, log, (work) => c.executionCtx.waitUntil(work)),
      clock,
      modelOf: ({ modelId }) => byId.get(modelId) ?? catalog.require(modelId),
    },
  );
}

/** Makes the call, streamed or whole, with fallbacks, holds and heartbeats. */
async function ask<T extends ForwardedAnswer | ForwardedStream>(
  { c, admission, call, choice, catalog, record }: Serving,
  forward: (
    context: ReturnType<typeof createCallContext>,
    target: ModelTarget,
    request: ClientCall['request'],
    options: CallOptions,
  ) => Promise<T>,
): Promise<T> {
  const [first, ...fallbacks] = choice.models.map((model) => catalog.target(model));
  if (first === undefined) throw new Error('a call without a model');
  const context = createCallContext(c.env, c.var.config, c.var.log, (work) => c.executionCtx.waitUntil(work));
  try {
    const answered = await forward(context, first, call.request, {
      signal: c.req.raw.signal,
      timeouts: timeoutsOf(c, fallbacks.length > 0),
      fallbacks,
      beforeTarget: (target, keyStrategy) => record.hold(target, keyStrategy),
      beat: {
        everyMs: BEAT_MS,
        run: () => {
          admission.beat();
          record.beat();
        },
      },
    });
    record.failed(answered.failures);
    return answered;
  } catch (error) {
    if (error instanceof ModelCallError) record.failed(error.failures);
    record.release();
    throw asClientError(error);
  }
}

/** `x-parallax-timeout-ms` bounds the wait for an answer to begin, and a whole answer. */
function timeoutsOf(c: AppContext, hasFallbacks: boolean): CallOptions['timeouts'] & object {
  const usual = hasFallbacks ? WITH_FALLBACKS : PATIENT;
  const wish = c.req.raw.headers.get('x-parallax-timeout-ms');
  if (wish === null) return usual;
  const milliseconds = Number(wish);
  if (!Number.isInteger(milliseconds) || milliseconds < 1 || milliseconds > PATIENT.totalMs) {
    throw new ParallaxError(
      'invalid_parameter',
      `\`x-parallax-timeout-ms\` must be a whole number of milliseconds, at most ${PATIENT.totalMs}.`,
      { param: 'x-parallax-timeout-ms' },
    );
  }
  return { ...usual, headersMs: milliseconds, firstEventMs: milliseconds };
}

async function answerWhole(serving: Serving): Promise<Response> {
  const { c, admission, call, choice, record } = serving;
  const answered = await ask(serving, forwardWhole);
  const { usage } = answered.response;
  const cost = record.cost(answered.target, usage);
  record.end(answered, { status: 'ok', errorKind: null, usage, estimated: false, firstTokenMs: null });
  const body = answered.verbatim
    ? answered.text
    : JSON.stringify(
        codecFor(call.surface.format).encodeResponse(
          { ...answered.response, created: answered.response.created || c.var.clock.now() },
          {
            model: answered.target.modelId,
            includeUsage: true,
            request: call.neutral().request,
          },
        ),
      );
  c.set('sealed', true);
  return new Response(body, {
    headers: answerHeaders({
      surface: call.surface,
      requestId: c.var.requestId,
      rate: admission.rate,
      contentType: 'application/json',
      target: answered.target,
      cost,
      more: { ...choice.headers, ...droppedHeader(answered) },
    }),
  });
}

async function answerStream(serving: Serving): Promise<Response> {
  const { c, admission, call, choice, record } = serving;
  const answered = await ask(serving, forwardStream);
  const { clock, log, requestId } = c.var;
  const firstTokenMs = Math.max(0, clock.now() - answered.startedAt);
  const context: StreamContext = {
    call,
    requestId,
    now: clock.now(),
    cost: (usage) => record.cost(answered.target, usage),
  };
  const streamed = !answered.verbatim
    ? translateStream(answered, context)
    : call.streamForm === 'exact'
      ? pipeStream(answered, context, c.executionCtx.exports.StreamMeter, log)
      : annotateStream(answered, context);
  c.executionCtx.waitUntil(
    streamed.ended.then((summary) => {
      record.endStream(answered, summary, firstTokenMs);
      admission.release();
    }),
  );
  c.set('sealed', true);
  return new Response(streamed.body, {
    headers: answerHeaders({
      surface: call.surface,
      requestId,
      rate: admission.rate,
      contentType: SSE_HEADERS['content-type'] ?? 'text/event-stream',
      target: answered.target,
      cost: null,
      more: { 'x-accel-buffering': 'no', ...choice.headers, ...droppedHeader(answered) },
    }),
  });
}

/** What the model's format could not say and was left out, by its path: a header that programs and people can look at. */
function droppedHeader({ dropped }: ForwardedAnswer | ForwardedStream): Record<string, string> {
  if (dropped.length === 0) return {};
  const paths = [...new Set(dropped.map(({ path }) => path.replaceAll(/[^\x21-\x7e]/g, '?')))];
  return { 'x-parallax-dropped': paths.join(', ').slice(0, 500) };
}
