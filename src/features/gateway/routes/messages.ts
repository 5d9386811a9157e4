import { messageObjectSchema, messagesRequestSchema, streamEventSchema } from '../../../contracts/gateway.ts';
import { operation } from '../../../platform/http/operation.ts';
import { serveChat } from '../serve-chat.ts';
import { MESSAGES } from '../surface.ts';
import { GATEWAY_ERRORS } from './errors.ts';

export const createMessage = operation({
  operationId: 'createMessage',
  method: 'post',
  path: '/v1/messages',
  tag: 'Gateway',
  summary: 'Answer a conversation (Anthropic messages)',
  description:
    'Anthropic’s format, with any model behind it. A stream of a provider of the same format is passed on byte by byte; the header `x-parallax-stream: annotated` puts the cost beside its usage.',
  access: { kind: 'principal', permission: 'models:use', limited: 'models' },
  errorShape: MESSAGES.errorShape,
  describedBody: messagesRequestSchema,
  responses: {
    200: [
      { description: 'The answer.', schema: messageObjectSchema },
      {
        description: 'The answer’s events, with `stream: true`.',
        schema: streamEventSchema,
        contentType: 'text/event-stream',
        example:
          'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}\n\n',
      },
    ],
  },
  errors: GATEWAY_ERRORS,
  handler: ({ c }) => serveChat(c, MESSAGES),
});
