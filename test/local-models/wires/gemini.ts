/** Writes Gemini responses. https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse */
import type { Answer, AnswerPart, Ask, JsonObject, Reply } from '../ask.ts';
import { hexDigest, idFrom } from '../digest.ts';
import type { Fault } from '../fault.ts';
import type { Wire, WireEvent } from './wire.ts';

const FINISH = {
  stop: 'STOP',
  stop_sequence: 'STOP',
  length: 'MAX_TOKENS',
  calls: 'STOP',
  refusal: 'SAFETY',
} as const;

const STATUS: { [status: number]: string } = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ABORTED',
  412: 'FAILED_PRECONDITION',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  501: 'UNIMPLEMENTED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

const SAFETY = [
  { category: 'HARM_CATEGORY_HATE_SPEECH', probability: 'NEGLIGIBLE' },
  { category: 'HARM_CATEGORY_DANGEROUS_CONTENT', probability: 'HIGH', blocked: true },
  { category: 'HARM_CATEGORY_HARASSMENT', probability: 'NEGLIGIBLE' },
  { category: 'HARM_CATEGORY_SEXUALLY_EXPLICIT', probability: 'NEGLIGIBLE' },
];

/** Usage when `output` tokens (thoughts among them) are out; candidates are counted without thoughts, the total with them. */
function usageOf(reply: Reply, output: number, thoughts: number): JsonObject {
  const { input, cachedRead } = reply.usage;
  const candidates = output - thoughts;
  return {
    promptTokenCount: input,
    ...(candidates > 0 ? { candidatesTokenCount: candidates } : {}),
    totalTokenCount: input + output,
    ...(cachedRead > 0
      ? {
          cachedContentTokenCount: cachedRead,
          cacheTokensDetails: [{ modality: 'TEXT', tokenCount: cachedRead }],
        }
      : {}),
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: input }],
    ...(thoughts > 0 ? { thoughtsTokenCount: thoughts } : {}),
  };
}

function tail(reply: Reply, usage: JsonObject): JsonObject {
  return { usageMetadata: usage, modelVersion: reply.ask.model, responseId: idFrom(reply.hash, 23) };
}

function signature(reply: Reply): string {
  return Buffer.from(hexDigest(reply.hash, 'thought'), 'hex').toString('base64');
}

function argumentsOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // Arguments that the token limit cut in the middle are no JSON.
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** A whole part on the wire; undefined for parts that are not shown. */
function wirePart(reply: Reply, part: AnswerPart, index: number): JsonObject | undefined {
  if (part.kind === 'reasoning')
    return part.shown ? { text: part.pieces.join(''), thought: true } : undefined;
  if (part.kind === 'refusal') return undefined;
  if (part.kind === 'text') return { text: part.pieces.join('') };
  const signed =
    reply.ask.reasoning !== 'none' && (index === 0 || reply.answers[0]?.parts[index - 1]?.kind !== 'call');
  return {
    functionCall: { id: part.id, name: part.name, args: argumentsOf(part.pieces.join('')) },
    ...(signed ? { thoughtSignature: signature(reply) } : {}),
  };
}

function candidate(reply: Reply, answer: Answer, index: number): JsonObject {
  const parts = answer.parts.flatMap((part, at) => wirePart(reply, part, at) ?? []);
  const refused = answer.finish === 'refusal';
  return {
    ...(refused ? {} : { content: { parts, role: 'model' } }),
    finishReason: FINISH[answer.finish],
    index,
    ...(refused ? { safetyRatings: SAFETY } : {}),
  };
}

function blockedPrompt(reply: Reply): JsonObject {
  return {
    promptFeedback: { blockReason: 'SAFETY', safetyRatings: SAFETY },
    ...tail(reply, { promptTokenCount: reply.usage.input, totalTokenCount: reply.usage.input }),
  };
}

interface Step {
  part: JsonObject | null;
  tokens: number;
  thought: boolean;
  piece: boolean;
}

/** What each chunk of a candidate adds. A call comes whole: Gemini does not stream arguments. */
function steps(reply: Reply, answer: Answer): Step[] {
  const all: Step[] = [];
  for (const [index, part] of answer.parts.entries()) {
    if (part.kind === 'call')
      all.push({
        part: wirePart(reply, part, index) ?? null,
        tokens: part.pieces.length,
        thought: false,
        piece: true,
      });
    else if (part.kind === 'refusal')
      all.push({ part: null, tokens: part.pieces.length, thought: false, piece: false });
    else if (part.kind === 'reasoning') {
      if (part.shown)
        for (const text of part.pieces)
          all.push({ part: { text, thought: true }, tokens: 1, thought: true, piece: true });
      else all.push({ part: null, tokens: part.pieces.length, thought: true, piece: false });
    } else
      for (const text of part.pieces) all.push({ part: { text }, tokens: 1, thought: false, piece: true });
  }
  return all;
}

function* events(reply: Reply): Generator<WireEvent> {
  if (reply.promptBlocked) {
    yield { name: null, data: JSON.stringify(blockedPrompt(reply)), piece: false };
    return;
  }
  let output = 0;
  let thoughts = 0;
  for (const [index, answer] of reply.answers.entries()) {
    const all = steps(reply, answer);
    const last = all.findLastIndex((step) => step.part !== null);
    const finishing: JsonObject = {
      finishReason: FINISH[answer.finish],
      index,
      ...(answer.finish === 'refusal' ? { safetyRatings: SAFETY } : {}),
    };
    for (const [at, step] of all.entries()) {
      output += step.tokens;
      if (step.thought) thoughts += step.tokens;
      if (step.part === null) continue;
      const content = { parts: [step.part], role: 'model' };
      const candidates = [at === last ? { content, ...finishing } : { content, index }];
      yield {
        name: null,
        data: JSON.stringify({ candidates, ...tail(reply, usageOf(reply, output, thoughts)) }),
        piece: step.piece,
      };
    }
    if (last === -1)
      yield {
        name: null,
        data: JSON.stringify({ candidates: [finishing], ...tail(reply, usageOf(reply, output, thoughts)) }),
        piece: false,
      };
  }
}

function faultBody(fault: Fault): JsonObject {
  const details: JsonObject[] = [];
  if (fault.param !== null)
    details.push({
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: [{ field: fault.param, description: fault.message }],
    });
  if (fault.retryAfterSeconds !== null)
    details.push({
      '@type': 'type.googleapis.com/google.rpc.RetryInfo',
      retryDelay: `${fault.retryAfterSeconds}s`,
    });
  const status = STATUS[fault.status] ?? (fault.status >= 500 ? 'INTERNAL' : 'INVALID_ARGUMENT');
  return {
    error: { code: fault.status, message: fault.message, status, ...(details.length > 0 ? { details } : {}) },
  };
}

/** Server-sent events with CRLF, or the elements of one JSON array. */
function frame(event: WireEvent, position: number, ask: Ask): string {
  return ask.serverSentEvents
    ? `data: ${event.data}\r\n\r\n`
    : `${position === 0 ? '[' : ',\r\n'}${event.data}`;
}

export const gemini: Wire = {
  whole: (reply) =>
    reply.promptBlocked
      ? blockedPrompt(reply)
      : {
          candidates: reply.answers.map((answer, index) => candidate(reply, answer, index)),
          ...tail(reply, usageOf(reply, reply.usage.output, reply.usage.reasoning)),
        },
  events,
  frame,
  end: (ask) => (ask.serverSentEvents ? '' : ']'),
  streamType: (ask) => (ask.serverSentEvents ? 'text/event-stream' : 'application/json; charset=UTF-8'),
  faultBody,
  faultEvent: (fault) => ({ name: null, data: JSON.stringify(faultBody(fault)), piece: false }),
};
