import {
  chatCompletionChunkSchema,
  chatCompletionRequestSchema,
  chatCompletionSchema,
} from '../../../contracts/gateway.ts';
import { operation } from '../../../platform/http/operation.ts';
import { serveChat } from '../serve-chat.ts';
import { CHAT } from '../surface.ts';
import { GATEWAY_ERRORS } from './errors.ts';

export const createChatCompletion = operation({
  operationId: 'createChatCompletion',
  method: 'post',
  path: '/v1/chat/completions',
  tag: 'Gateway',
  summary: 'Answer a conversation (OpenAI chat completions)',
  description:
    'OpenAI’s format, with any model behind it. Parameters that Parallax does not know reach a provider of the same format unchanged; what another format cannot say is a 400 that names it. `models` are fallbacks, `provider` says which providers may serve. The headers `x-parallax-model`, `x-parallax-provider` and `x-parallax-cost-usd` tell what served and what it cost; in a stream the cost stands in the last chunk, beside the usage.',
  access: { kind: 'principal', permission: 'models:use', limited: 'models' },
  errorShape: CHAT.errorShape,
  describedBody: chatCompletionRequestSchema,
  responses: {
    200: [
      { description: 'The answer.', schema: chatCompletionSchema },
      {
        description: 'The answer’s events, with `stream: true`.',
        schema: chatCompletionChunkSchema,
        contentType: 'text/event-stream',
        example:
          'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000000,"model":"local/swift","choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}]}\n\ndata: [DONE]\n\n',
      },
    ],
  },
  errors: GATEWAY_ERRORS,
  handler: ({ c }) => serveChat(c, CHAT),
});
