import type { WireCodec } from '../codec.ts';
import type { WireFormat } from '../conversation.ts';
import { anthropicMessagesCodec } from './anthropic-messages/index.ts';
import { geminiCodec } from './gemini/index.ts';
import { openAiChatCodec } from './openai-chat/index.ts';
import { openAiResponsesCodec } from './openai-responses/index.ts';

const CODECS: Readonly<Record<WireFormat, WireCodec>> = {
  'openai-chat': openAiChatCodec,
  'openai-responses': openAiResponsesCodec,
  'anthropic-messages': anthropicMessagesCodec,
  gemini: geminiCodec,
};

/** The codec of a format in its plainest form: what every client speaks, and a provider without quirks. */
export function codecFor(format: WireFormat): WireCodec {
  return CODECS[format];
}

export * from './anthropic-messages/index.ts';
export * from './gemini/index.ts';
export * from './openai-chat/index.ts';
export * from './openai-responses/index.ts';
