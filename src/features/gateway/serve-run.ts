import { refusalOf } from '../../contracts/permissions.ts';
import { ParallaxError } from '../../platform/errors.ts';
import type { Admission, AppContext } from '../../platform/http/context.ts';
import { toUsd } from '../../platform/money.ts';
import { refused } from '../../platform/permission.ts';
import { SSE_HEADERS, SSE_KEEP_ALIVE } from '../../platform/sse.ts';
import { CREDIT_LIMIT } from '../metering/index.ts';
import {
  askRunModel,
  countRun,
  RUN_MODELS,
  type RunModelAnswer,
  type RunModelSpec,
  type RunReceipt,
  runsOf,
} from '../perspectives/index.ts';
import {
  type ConversationEvent,
  clientParam,
  codecFor,
  type JsonObject,
  missingTurn,
  weightyLoss,
} from '../providers/index.ts';
import type { Panel } from '../routing/index.ts';
import { AnswerBuilder } from './answer-builder.ts';
import { answerHeaders } from './answer-headers.ts';
import type { ClientCall } from './client-call.ts';
import { markedBody, markedEvents } from './credit-limit.ts';
import { errorEvent } from './error-event.ts';
import { PacedWriter } from './paced-writer.ts';
import { admissionOf, BEAT_MS } from './serving.ts';
import { COST_MEMBER } from './stream-answer.ts';
import { errorOf, formatCodeOf } from './upstream-error.ts';

/** How long a stream waits for the run's first word before it begins with nothing but comments that keep it open, in milliseconds. */
const PATIENCE_MS = 8_000;
/** Between two such comments. */
const KEEP_ALIVE_MS = 10_000;

/** Events with which an answer ends properly. */
const ENDINGS: ReadonlySet<ConversationEvent['type']> = new Set(['finish', 'usage', 'end']);

const encoder = new TextEncoder();

/** A run that answers as a model. */
export interface AnsweringRun {
  /** The name that answers: `parallax/<name>`. */
  readonly name: string;
  readonly spec: RunModelSpec;
  /** Headers that say why it was chosen. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The run that a model's name means, among those that everybody has; undefined when it is none of them. */
export function runNamed(name: string): AnsweringRun | undefined {
  const known = RUN_MODELS.find(({ id }) => id === name.trim().toLowerCase());
  if (known === undefined) return undefined;
  return { name: known.id, spec: { strategy: known.strategy, models: null }, headers: {} };
}

/** The run of a panel. */
export function runOfPanel(panel: Panel, headers: Readonly<Record<string, string>>): AnsweringRun {
  const { name, strategy, models, mergeModel, rounds, quorum, stragglerGraceMs } = panel;
  const spec = {
    strategy,
    models,
    ...(mergeModel === null ? {} : { mergeModel }),
    ...(rounds === null ? {} : { rounds }),
    ...(quorum === null ? {} : { quorum }),
    ...(stragglerGraceMs === null ? {} : { stragglerGraceMs }),
  };
  return { name: `parallax/${name}`, spec, headers };
}

/** Answers a conversation with a run: several models are asked, and answer as one. */
export async function answerByRun(c: AppContext, call: ClientCall, run: AnsweringRun): Promise<Response> {
  const admission = admissionOf(c);
  const { principal } = admission;
  const refusal = refusalOf(principal, 'perspectives:use');
  if (refusal !== null) throw refused(refusal, 'perspectives:use', principal, run.name);
  const { rate } = await countRun(c);
  const runs = runsOf(c);
  const idempotencyKey = c.req.raw.headers.get('idempotency-key');
  const beat = setInterval(() => admission.beat(), BEAT_MS);
  const end = () => {
    clearInterval(beat);
    admission.release();
  };
  try {
    const { model: _model, stream: _stream, ...conversation } = conversationOf(call, run);
    const answer = await askRunModel(runs, principal, run.spec, conversation, {
      signal: c.req.raw.signal,
      stream: call.stream,
      ...(idempotencyKey === null ? {} : { idempotencyKey }),
    });
    if (call.stream) return await streamRun(c, call, run, answer, rate, end);
    const response = await wholeRun(c, call, run, answer, rate);
    end();
    return response;
  } catch (error) {
    end();
    throw error;
  }
}

function conversationOf(call: ClientCall, { name }: AnsweringRun) {
  const { request, dropped } = call.neutral();
  const loss = weightyLoss(request, dropped, call.request.lenient) ?? missingTurn(request);
  if (loss === undefined) return request;
  const param = clientParam(call.surface.format, loss.path);
  const code = formatCodeOf(param);
  throw new ParallaxError('unsupported_parameter', `${name} cannot do \`${param}\`: ${loss.reason}.`, {
    param,
    ...(code === undefined ? {} : { details: { provider_code: code } }),
  });
}

async function wholeRun(
  c: AppContext,
  call: ClientCall,
  run: AnsweringRun,
  answer: RunModelAnswer,
  rate: Admission['rate'],
): Promise<Response> {
  const builder = new AnswerBuilder();
  for await (const event of answer.events) {
    if (event.type === 'error') throw runError(event);
    builder.add([event]);
  }
  const response = builder.response();
  if (response === null) throw new Error('a run ended without an answer and without an error');
  const body = codecFor(call.surface.format).encodeResponse(
    { ...response, model: run.name },
    { model: run.name, includeUsage: true, request: call.neutral().request },
  );
  c.set('sealed', true);
  const receipt = answer.receipt();
  const text = JSON.stringify(body);
  return new Response(receipt.stopReason === CREDIT_LIMIT ? markedBody(text) : text, {
    headers: headersOf(c, call, run, rate, answer, 'application/json', receipt),
  });
}

/**
 * The answer as a stream. A run that fails soon is a status; one that takes long before its first word begins as a stream all the same, kept open by
 * comments, and fails in it.
 */
async function streamRun(
  c: AppContext,
  call: ClientCall,
  run: AnsweringRun,
  answer: RunModelAnswer,
  rate: Admission['rate'],
  end: () => void,
): Promise<Response> {
  const events = answer.events[Symbol.asyncIterator]();
  const first = events.next();
  const early = await Promise.race([first, patience(PATIENCE_MS)]);
  if (early?.done === false && early.value.type === 'error') {
    await events.return(undefined);
    throw runError(early.value);
  }
  const writer = new PacedWriter();
  const encode = codecFor(call.surface.format).streamEncoder({
    model: run.name,
    includeUsage: call.wantsUsage,
    request: call.neutral().request,
    closing: () => costMember(answer),
  });
  const pump = async () => {
    // Nobody else writes meanwhile, and a comment may stand between any two events.
    const alive = setInterval(() => void writer.write(encoder.encode(SSE_KEEP_ALIVE)), KEEP_ALIVE_MS);
    try {
      for (let next = await first; next.done !== true; next = await events.next()) {
        const event = next.value;
        let text =
          event.type === 'error'
            ? errorEvent(call.surface, event.error, c.get('requestId'))
            : encode.event(event.type === 'start' ? { ...event, model: run.name } : event);
        // When it finishes its receipt is there.
        if (ENDINGS.has(event.type) && answer.receipt().stopReason === CREDIT_LIMIT)
          text = markedEvents(text);
        if (text !== '') await writer.write(encoder.encode(text));
        // What is left of the run is stopped and written to its receipt.
        if (writer.gone) await events.return(undefined);
      }
      await writer.close();
    } finally {
      clearInterval(alive);
      end();
    }
  };
  c.executionCtx.waitUntil(pump());
  c.set('sealed', true);
  const headers = headersOf(c, call, run, rate, answer, SSE_HEADERS['content-type'] ?? '', null);
  headers['x-accel-buffering'] = 'no';
  return new Response(writer.readable, { headers });
}

function runError(event: Extract<ConversationEvent, { type: 'error' }>): ParallaxError {
  const { code, message } = errorOf(event.error);
  return new ParallaxError(code, message);
}

function costMember(answer: RunModelAnswer): JsonObject {
  const { priced, costNano } = answer.receipt();
  return priced ? { [COST_MEMBER]: toUsd(costNano) } : {};
}

function headersOf(
  c: AppContext,
  { surface }: ClientCall,
  { name, headers }: AnsweringRun,
  rate: Admission['rate'],
  { runId, tokens }: Pick<RunModelAnswer, 'runId' | 'tokens'>,
  contentType: string,
  receipt: RunReceipt | null,
): Record<string, string> {
  return answerHeaders({
    surface,
    requestId: c.get('requestId'),
    rate,
    tokens,
    contentType,
    target: { modelId: name, provider: 'parallax' },
    cost: receipt?.priced === true ? receipt.costNano : null,
    more: { ...headers, 'x-parallax-run': runId },
  });
}

function patience(milliseconds: number): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), milliseconds));
}
