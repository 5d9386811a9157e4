import { beginStream } from './forward.ts';
import type { ModelStream, StreamModel } from './model-call.ts';
import { callModel } from './model-caller.ts';

/** Starts a streamed call (`StreamModel`). */
export const streamModel: StreamModel = async (context, target, request, options): Promise<ModelStream> => {
  const { call, failures, value } = await callModel(context, target, request, options, true, beginStream);
  return {
    target: call.target,
    keyStrategy: call.key.strategy,
    providerKeyId: call.key.id,
    dropped: call.dropped,
    failures,
    events: value.reader,
  };
};
