import { z } from 'zod';
import { modelSchema } from '../../../contracts/models.ts';
import { operation } from '../../../platform/http/operation.ts';
import { forgetRows, loadCatalog } from '../load.ts';
import { fieldsFrom, operatorModelIdSchema, operatorModelSchema } from '../operator-model.ts';
import { writeRows } from '../overlay-store.ts';
import { modelView } from '../view.ts';

export const putOperatorModelOperation = operation({
  operationId: 'putOperatorModel',
  method: 'put',
  path: '/v1/operator/models/{id+}',
  tag: 'Operator',
  summary: 'Say what a model is',
  description:
    'Adds a model, or corrects one: price, tier, capabilities, names. The body replaces what was said before; what it leaves out is as the bundled data and models.dev have it. Other isolates follow within a minute.',
  access: { kind: 'operator' },
  params: z.object({ id: operatorModelIdSchema }),
  body: operatorModelSchema,
  responses: { 200: { description: 'The model as it now is.', schema: modelSchema } },
  async handler({ c, params, body }) {
    const { config, clock } = c.var;
    await writeRows(
      c.env.DB,
      'operator',
      [{ id: params.id, fields: JSON.stringify(fieldsFrom(body)) }],
      clock.now(),
    );
    forgetRows(config);
    const catalog = await loadCatalog(c.env, config, clock);
    const model = catalog.require(params.id);
    return c.json(modelView(model, catalog.isAvailable(model)));
  },
});
