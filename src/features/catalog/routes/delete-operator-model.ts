import { z } from 'zod';
import { ParallaxError } from '../../../platform/errors.ts';
import { operation } from '../../../platform/http/operation.ts';
import { forgetRows } from '../load.ts';
import { operatorModelIdSchema } from '../operator-model.ts';
import { hasRow, writeRows } from '../overlay-store.ts';

export const deleteOperatorModelOperation = operation({
  operationId: 'deleteOperatorModel',
  method: 'delete',
  path: '/v1/operator/models/{id+}',
  tag: 'Operator',
  summary: 'Take back what was said of a model',
  description:
    'The model is again as the bundled data and models.dev have it, or is gone if they do not know it. Other isolates follow within a minute.',
  access: { kind: 'operator' },
  params: z.object({ id: operatorModelIdSchema }),
  responses: { 204: { description: 'Taken back.' } },
  errors: [404, 422],
  async handler({ c, params }) {
    if (!(await hasRow(c.env.DB, 'operator', params.id))) {
      throw new ParallaxError('not_found', `Nothing was said of ${params.id}.`);
    }
    await writeRows(c.env.DB, 'operator', [{ id: params.id, fields: null }], c.var.clock.now());
    forgetRows(c.var.config);
    return c.body(null, 204);
  },
});
