import { missingSettings } from './availability.ts';
import { breakerId } from './breakers.ts';
import type { CallSurroundings } from './call-context.ts';
import type { WireCodec } from './codec.ts';
import { codecOf } from './codec-of.ts';
import type { ConversationRequest, Dropped } from './conversation.ts';
import type { ProviderDefinition } from './definition.ts';
import { upstreamRequest } from './dialect.ts';
import { baseUrl, wireOf, withDefaults } from './endpoint.ts';
import type { ModelTarget } from './model-call.ts';
import { findKey, type KeySource, type ProviderKey } from './provider-key.ts';
import { providerById } from './table.ts';
import { UpstreamFailure } from './upstream-failure.ts';

/** A target with everything decided but the sending: made once for all attempts at it. */
export interface PreparedCall {
  readonly target: ModelTarget;
  readonly provider: ProviderDefinition;
  readonly codec: WireCodec;
  readonly key: ProviderKey;
  readonly url: string;
  /** JSON text. */
  readonly body: string;
  readonly dropped: readonly Dropped[];
  readonly breakerId: string;
}

/** Finds the provider, a key and a codec for a target and writes the request. Throws `UpstreamFailure` when one is lacking. */
export async function prepareCall(
  context: Required<Pick<CallSurroundings, 'keySources' | 'config'>>,
  target: ModelTarget,
  request: Omit<ConversationRequest, 'model' | 'stream'>,
  stream: boolean,
): Promise<PreparedCall> {
  const provider = providerById(target.provider);
  if (provider === undefined) {
    throw new UpstreamFailure({
      kind: 'not_found',
      code: 'unknown_provider',
      message: `There is no provider "${target.provider}".`,
    });
  }
  const key = await keyFor(context.keySources, provider, context.config.providerSettings);
  const settings = withDefaults(provider, key.settings);
  const wire = wireOf(provider, target.upstreamName, target.wire);
  const base = baseUrl(provider, wire, settings);
  if (base === undefined) {
    throw new UpstreamFailure({
      kind: 'not_found',
      code: 'unsupported_format',
      message: `${provider.name} does not speak the format ${wire}, which ${target.modelId} is marked with.`,
    });
  }
  const codec = codecOf(provider, wire);
  const encoded = codec.encodeRequest({
    ...request,
    model: target.upstreamName,
    stream,
    // Usage is what is charged by; it is always asked for.
    ...(stream ? { includeUsage: true } : {}),
  });
  const { url, body } = upstreamRequest(
    provider,
    wire,
    base,
    encoded,
    { model: target.upstreamName, stream },
    settings,
  );
  return {
    target,
    provider,
    codec,
    key,
    url,
    body: JSON.stringify(body),
    dropped: encoded.dropped,
    breakerId: breakerId(
      provider.id,
      key.digest,
      provider.breakerScope === 'model' ? target.upstreamName : undefined,
    ),
  };
}

async function keyFor(
  sources: readonly KeySource[],
  provider: ProviderDefinition,
  settings: Readonly<Record<string, string>>,
): Promise<ProviderKey> {
  const key = await findKey(sources, provider);
  if (key !== undefined) return key;
  const needs = missingSettings(provider, settings).join(', ');
  throw new UpstreamFailure({
    kind: 'authentication',
    code: 'no_provider_key',
    message: `There is no usable key for ${provider.name}${needs === '' ? '' : `: it needs ${needs}`}.`,
  });
}
