import {
  responseObjectSchema,
  responsesRequestSchema,
  streamEventSchema,
} from '../../../contracts/gateway.ts';
import { operation } from '../../../platform/http/operation.ts';
import { serveChat } from '../serve-chat.ts';
import { RESPONSES } from '../surface.ts';
import { GATEWAY_ERRORS } from './errors.ts';

export const createResponse = operation({
  operationId: 'createResponse',
  method: 'post',
  path: '/v1/responses',
  tag: 'Gateway',
  summary: 'Answer a conversation (OpenAI responses)',
  description:
    'OpenAI’s Responses format, with any model behind it. State that a provider keeps (`previous_response_id`, `conversation`) works with the provider that keeps it. A stream of a provider of the same format is passed on byte by byte; the header `x-parallax-stream: annotated` puts the cost beside its usage.',
  access: { kind: 'principal', permission: 'models:use', limited: 'models' },
  errorShape: RESPONSES.errorShape,
  describedBody: responsesRequestSchema,
  responses: {
    200: [
      { description: 'The answer.', schema: responseObjectSchema },
      {
        description: 'The answer’s events, with `stream: true`.',
        schema: streamEventSchema,
        contentType: 'text/event-stream',
        example:
          'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_1","output_index":0,"content_index":0,"delta":"Hello"}\n\n',
      },
    ],
  },
  errors: GATEWAY_ERRORS,
  handler: ({ c }) => serveChat(c, RESPONSES),
});
