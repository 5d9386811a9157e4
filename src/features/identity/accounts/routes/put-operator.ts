import { operatorRequestSchema, personSchema } from '../../../../contracts/accounts.ts';
import { ParallaxError } from '../../../../platform/errors.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { setOperator } from '../operators.ts';
import { userView } from '../people.ts';
import { hasSessionCookie } from '../sessions.ts';
import { answerWith } from './answer.ts';

export const putOperator = operation({
  operationId: 'putOperator',
  method: 'put',
  path: '/v1/operator/people',
  tag: 'Operator',
  summary: 'Make somebody an operator, or take it from them',
  description:
    'With the operator’s token alone: an operator at a browser makes no others. The operator’s routes are open to their sessions while they have an authenticator app.',
  access: { kind: 'operator' },
  body: operatorRequestSchema,
  responses: { 200: { description: 'The person.', schema: personSchema } },
  errors: [403, 404],
  async handler({ c, body }) {
    if (hasSessionCookie(c.req.raw.headers)) {
      throw new ParallaxError(
        'forbidden',
        'This takes the operator’s token: a browser’s session makes no operators.',
      );
    }
    return answerWith(userView(await setOperator(c.env.DB, c.var.clock, body)));
  },
});
