import { backupCodesSchema, proofRequestSchema } from '../../../../contracts/accounts.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { accountContext } from '../account-context.ts';
import { renewBackupCodes } from '../two-factor.ts';
import { answerWith, TAG } from './answer.ts';

export const postBackupCodes = operation({
  operationId: 'renewBackupCodes',
  method: 'post',
  path: '/v1/me/two-factor/backup-codes',
  tag: TAG,
  summary: 'Make new backup codes',
  access: { kind: 'person' },
  body: proofRequestSchema,
  responses: {
    200: { description: 'The codes, shown this once; the old ones have ended.', schema: backupCodesSchema },
  },
  errors: [403, 409, 429, 503],
  async handler({ c, person, body }) {
    const codes = await renewBackupCodes(await accountContext(c), person, body.password);
    return answerWith({ object: 'backup_codes', backup_codes: codes });
  },
});
