import type { WireCodec } from './codec.ts';
import type { AssistantPart, ConversationEvent } from './conversation.ts';

/**
 * A codec whose answers call one tool at most. Some formats cannot forbid a model to call several at once; a client that has forbidden it reads the
 * first and would leave the others without a result, so that all but the first are left out here. The model is told of the one that it is
 * answered, and may make the others in its next turn.
 */
export function oneCallAtMost(codec: WireCodec): WireCodec {
  return {
    ...codec,
    decodeResponse(body) {
      const response = codec.decodeResponse(body);
      return {
        ...response,
        choices: response.choices.map((choice) => ({ ...choice, parts: firstCall(choice.parts) })),
      };
    },
    streamDecoder() {
      const decoder = codec.streamDecoder();
      return {
        event: (event) => decoder.event(event).filter(isOfFirstCall),
        end: () => decoder.end().filter(isOfFirstCall),
      };
    },
  };
}

function firstCall(parts: readonly AssistantPart[]): AssistantPart[] {
  const first = parts.findIndex(({ type }) => type === 'tool_call');
  return parts.filter(({ type }, index) => type !== 'tool_call' || index === first);
}

function isOfFirstCall(event: ConversationEvent): boolean {
  return !('call' in event) || event.call === 0;
}
