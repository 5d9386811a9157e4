import { embeddingsRequestSchema, embeddingsSchema } from '../../../contracts/gateway.ts';
import { operation } from '../../../platform/http/operation.ts';
import { serveEmbeddings } from '../serve-embeddings.ts';
import { GATEWAY_ERRORS } from './errors.ts';

export const createEmbeddings = operation({
  operationId: 'createEmbeddings',
  method: 'post',
  path: '/v1/embeddings',
  tag: 'Gateway',
  summary: 'Embed texts (OpenAI embeddings)',
  description:
    'One vector an input, in the order of the inputs. `models` are fallbacks; since vectors of different models cannot be compared, name only models that serve the same vectors.',
  access: { kind: 'principal', permission: 'models:use', limited: 'models' },
  errorShape: 'openai',
  describedBody: embeddingsRequestSchema,
  responses: { 200: { description: 'The vectors.', schema: embeddingsSchema } },
  errors: GATEWAY_ERRORS,
  handler: ({ c }) => serveEmbeddings(c),
});
