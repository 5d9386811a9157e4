import type { WireCodec } from './codec.ts';
import type { WireFormat } from './conversation.ts';
import type { ProviderDefinition } from './definition.ts';
import {
  anthropicMessagesCodec,
  createOpenAiChatCodec,
  createOpenAiResponsesCodec,
  encodeAnthropicRequest,
  geminiCodec,
  traitsOf,
} from './wire/index.ts';

const made = new WeakMap<ProviderDefinition, Map<WireFormat, WireCodec>>();

/** The codec of a format as this provider speaks it; made once a provider and format. */
export function codecOf(provider: ProviderDefinition, wire: WireFormat): WireCodec {
  let codecs = made.get(provider);
  if (codecs === undefined) {
    codecs = new Map();
    made.set(provider, codecs);
  }
  let codec = codecs.get(wire);
  if (codec === undefined) {
    codec = makeCodec(provider, wire);
    codecs.set(wire, codec);
  }
  return codec;
}

function makeCodec(provider: ProviderDefinition, wire: WireFormat): WireCodec {
  switch (wire) {
    case 'openai-chat':
      return createOpenAiChatCodec(provider.quirks);
    case 'openai-responses':
      return createOpenAiResponsesCodec(provider.quirks);
    case 'anthropic-messages':
      return anthropicCodec(provider);
    case 'gemini':
      return geminiCodec;
  }
}

/** Clouds that serve Claude take system messages only before the conversation, whatever the model. */
function anthropicCodec(provider: ProviderDefinition): WireCodec {
  if (provider.dialect === undefined) return anthropicMessagesCodec;
  return {
    ...anthropicMessagesCodec,
    encodeRequest: (request) =>
      encodeAnthropicRequest(request, { ...traitsOf(request.model), systemTurns: false }),
  };
}
