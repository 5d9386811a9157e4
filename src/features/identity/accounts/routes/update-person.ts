import { personSchema, updatePersonRequestSchema } from '../../../../contracts/accounts.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { accountContext } from '../account-context.ts';
import { renamePerson } from '../own-account.ts';
import { personView } from '../people.ts';
import { answerWith, TAG } from './answer.ts';

export const updatePerson = operation({
  operationId: 'updatePerson',
  method: 'patch',
  path: '/v1/me',
  tag: TAG,
  summary: 'Change what one is called',
  access: { kind: 'person' },
  body: updatePersonRequestSchema,
  responses: { 200: { description: 'The person.', schema: personSchema } },
  errors: [403],
  async handler({ c, person, body }) {
    return answerWith(personView(await renamePerson(await accountContext(c), person, body.name)));
  },
});
