import { readWhole } from './forward.ts';
import type { AskModel, ModelAnswer } from './model-call.ts';
import { callModel } from './model-caller.ts';

/** Makes a call that is answered whole (`AskModel`), in the provider's unstreamed form. */
export const askModel: AskModel = async (context, target, request, options): Promise<ModelAnswer> => {
  const { call, failures, value } = await callModel(context, target, request, options, false, readWhole);
  return {
    target: call.target,
    keyStrategy: call.key.strategy,
    providerKeyId: call.key.id,
    dropped: call.dropped,
    failures,
    response: value.response,
  };
};
