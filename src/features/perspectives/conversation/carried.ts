import { ParallaxError } from '../../../platform/errors.ts';
import type {
  AssistantPart,
  ConversationRequest,
  JsonObject,
  Message,
  ReasoningPart,
} from '../../providers/index.ts';

/** What a chat client asks, in neutral form, whatever the model is called and however the answer is delivered. */
export type AskedConversation = Omit<ConversationRequest, 'model' | 'stream'>;

/** A conversation as a run carries it: what every model of the run is asked. */
export type RunConversation = Omit<AskedConversation, 'includeUsage' | 'choices' | 'logprobs'>;

/**
 * Most bytes of a conversation as JSON in UTF-8. It travels to the run's object in one call, which takes 32 MiB, and a Durable Object has
 * 128 MB of memory for everything.
 */
export const MAX_CONVERSATION_BYTES = 16 * 1024 * 1024;
/** Most bytes of a conversation times the models that are asked: each gets a request of its own, and all of them are in memory together. */
export const MAX_FAN_OUT_BYTES = 48 * 1024 * 1024;

/**
 * Members of a body of OpenAI's responses that lean on an earlier answer or on something that the provider keeps. No two models of a run could honour
 * them, and to ask without them would be to ask something else.
 */
const NEEDS_ONE_PROVIDER = ['previous_response_id', 'conversation', 'prompt', 'background'] as const;

/**
 * The conversation that a run can carry. Opaque state in the history (a thought's signature, encrypted reasoning and the ids they go with) belongs to the one
 * model that made it, and a history does not say which that was: another refuses it, so it goes, and what was said stays. A tool call's
 * signature stays: only Gemini's models make one and want it back, and every other format's codec leaves it out.
 * Throws `ParallaxError`: `unsupported_parameter` with the parameter's name for what a run cannot do, `invalid_parameter` without a message.
 */
export function carriedConversation(asked: AskedConversation): RunConversation {
  refuseUnsupported(asked);
  const { includeUsage: _usage, choices: _choices, logprobs: _logprobs, extra, ...rest } = asked;
  const messages = rest.messages.map(withoutState).filter((message) => message.parts.length > 0);
  if (!messages.some(({ role }) => role !== 'system')) {
    throw new ParallaxError('invalid_parameter', 'There is no message to answer.', { param: 'messages' });
  }
  const others = extra === undefined ? {} : { extra: withoutItems(extra) };
  return { ...rest, messages, ...others };
}

/**
 * The parameters without a neutral form, less the input items without one (`input[3]`, as the codec of OpenAI's responses keeps them): searches and
 * references that one provider made and no other knows.
 */
function withoutItems(extra: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(extra).filter(([name]) => !/^input\[\d+\]$/.test(name)));
}

function refuseUnsupported({ choices, logprobs, extra, extraFormat }: AskedConversation): void {
  if (choices !== undefined && choices !== 1) {
    throw new ParallaxError(
      'unsupported_parameter',
      'A run gives one answer: leave `n` out, or ask a single model.',
      { param: 'n' },
    );
  }
  if (logprobs !== undefined) {
    throw new ParallaxError(
      'unsupported_parameter',
      'A run’s answer is written from several models’ and has no log-probabilities: leave `logprobs` out, or ask a single model.',
      { param: 'logprobs' },
    );
  }
  const member = NEEDS_ONE_PROVIDER.find((name) => isGiven(extra?.[name]));
  if (member === undefined || extraFormat !== 'openai-responses') return;
  throw new ParallaxError(
    'unsupported_parameter',
    `A run asks several providers and keeps nothing for a later request: leave \`${member}\` out and send the whole conversation.`,
    { param: member },
  );
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false;
}

function withoutState(message: Message): Message {
  if (message.role !== 'assistant' || !message.parts.some(({ type }) => type === 'reasoning')) return message;
  const parts = message.parts.flatMap((part): AssistantPart[] =>
    part.type === 'reasoning' ? plainThought(part) : [part],
  );
  return { ...message, parts };
}

/** A thought as its text alone; nothing when there was only state. */
function plainThought({ text }: ReasoningPart): AssistantPart[] {
  return text === '' ? [] : [{ type: 'reasoning', text }];
}

/**
 * The conversation as the text that a run keeps. Throws `ParallaxError` `payload_too_large` when it is more than a run may carry, or more than its `models`
 * may be sent together.
 */
export function conversationText(conversation: RunConversation, models: number): string {
  const text = JSON.stringify(conversation);
  const bytes = utf8Length(text);
  if (bytes > MAX_CONVERSATION_BYTES) {
    throw new ParallaxError(
      'payload_too_large',
      `The conversation has ${mebibytes(bytes)} MiB; a run carries at most ${mebibytes(MAX_CONVERSATION_BYTES)} MiB, images and files included. Send links in place of bytes, or fewer of them.`,
    );
  }
  if (bytes * models > MAX_FAN_OUT_BYTES) {
    throw new ParallaxError(
      'payload_too_large',
      `The conversation has ${mebibytes(bytes)} MiB and would go to ${models} models; together they can be sent ${mebibytes(MAX_FAN_OUT_BYTES)} MiB. Ask fewer models, or send links in place of bytes.`,
    );
  }
  return text;
}

/** Bytes of a well-formed text in UTF-8, without making them. */
function utf8Length(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    // Two bytes from U+0080 on, three from U+0800 on; a surrogate pair is two units and four bytes.
    if (code >= 0x80) bytes += code >= 0x800 && (code < 0xd800 || code > 0xdfff) ? 2 : 1;
  }
  return bytes;
}

function mebibytes(bytes: number): string {
  return String(Math.ceil((bytes / (1024 * 1024)) * 10) / 10);
}
