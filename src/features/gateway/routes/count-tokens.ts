import { countTokensRequestSchema, countTokensSchema } from '../../../contracts/gateway.ts';
import { operation } from '../../../platform/http/operation.ts';
import { countTokens } from '../count-tokens.ts';
import { MESSAGES } from '../surface.ts';
import { GATEWAY_ERRORS } from './errors.ts';

export const countMessageTokens = operation({
  operationId: 'countMessageTokens',
  method: 'post',
  path: '/v1/messages/count_tokens',
  tag: 'Gateway',
  summary: 'Estimate the input tokens of a message (Anthropic count_tokens)',
  description:
    'An estimate, the same for every model and free: four characters of Latin script, or one of any other, count as a token, and each picture or document as 1,600. It is what a call is held and routed by. What a model really counts stands in the `usage` of its answer, and may differ by a fifth.',
  access: { kind: 'principal', permission: 'models:use', limited: 'models' },
  errorShape: MESSAGES.errorShape,
  describedBody: countTokensRequestSchema,
  responses: { 200: { description: 'The estimate.', schema: countTokensSchema } },
  errors: GATEWAY_ERRORS,
  handler: ({ c }) => countTokens(c),
});
