import { perspectivesRequestSchema, quoteSchema } from '../../../contracts/perspectives.ts';
import { operation } from '../../../platform/http/operation.ts';
import { runsOf } from '../runs-of.ts';
import { MAX_BODY_BYTES } from './create-run.ts';

export const quoteRun = operation({
  operationId: 'quoteRun',
  method: 'post',
  path: '/v1/perspectives/quote',
  tag: 'Perspectives',
  summary: 'What a run would cost',
  description: 'Takes the body of a run, checks it in the same way and starts nothing.',
  access: { kind: 'principal', permission: 'perspectives:use' },
  body: perspectivesRequestSchema,
  maxBodyBytes: MAX_BODY_BYTES,
  responses: { 200: { description: 'The quote.', schema: quoteSchema } },
  errors: [404, 503],
  async handler({ c, body, principal }) {
    return c.json(await runsOf(c).quote(principal, body));
  },
});
