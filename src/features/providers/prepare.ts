import { missingSettings } from './availability.ts';
import { breakerId } from './breakers.ts';
import type { CallSurroundings } from './call-context.ts';
import {
  type ClientRequest,
  type EmbeddingCall,
  isClientRequest,
  isEmbeddingCall,
  type ModelRequest,
  type NeutralRequest,
} from './client-request.ts';
import type { EncodedRequest, WireCodec } from './codec.ts';
import { codecOf } from './codec-of.ts';
import type { ConversationRequest, Dropped, WireFormat } from './conversation.ts';
import type { ProviderDefinition, Settings } from './definition.ts';
import { upstreamRequest } from './dialect.ts';
import { baseUrl, wireOf, withDefaults } from './endpoint.ts';
import { limitName, tokensOf } from './key-limits.ts';
import { clientParam, isMissingTurn, weightyLoss } from './losses.ts';
import type { ModelTarget } from './model-call.ts';
import { oneCallAtMost } from './one-call.ts';
import { findKey, type KeySource, type ProviderKey } from './provider-key.ts';
import { providerById } from './table.ts';
import { UNSUPPORTED, UpstreamFailure } from './upstream-failure.ts';
import { canBeVerbatim, verbatimRequest } from './verbatim.ts';
import { encodeEmbeddingRequest } from './wire/index.ts';

/** A target with everything decided but the sending: made once for all attempts at it. */
export interface PreparedCall {
  readonly target: ModelTarget;
  readonly provider: ProviderDefinition;
  readonly codec: WireCodec;
  /** The client's own body is sent, in the client's own format: the answer can go back as it stands. */
  readonly verbatim: boolean;
  /** Headers that go with the body. */
  readonly headers: Readonly<Record<string, string>>;
  readonly key: ProviderKey;
  readonly url: string;
  /** JSON text. */
  readonly body: string;
  readonly dropped: readonly Dropped[];
  readonly breakerId: string;
  /** Whose limit the call counts against, within its provider: key and model. */
  readonly limitName: string;
  /** The same, of all providers. */
  readonly limitId: string;
  /** Tokens that the limit is expected to be charged, about. */
  readonly limitTokens: number;
}

/** Finds the provider, a key and a codec for a target and writes the request. Throws `UpstreamFailure` when one is lacking. */
export async function prepareCall(
  context: Required<Pick<CallSurroundings, 'keySources' | 'config'>>,
  target: ModelTarget,
  request: ModelRequest,
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
  const wire = wireFor(provider, target, request);
  const { settings, base } = addressOf(provider, wire, key);
  if (base === undefined) {
    throw new UpstreamFailure({
      kind: 'not_found',
      code: 'unsupported_format',
      message: `${provider.name} does not speak the format ${wire}, which ${target.modelId} is marked with.`,
    });
  }
  const codec = codecOf(provider, wire);
  const verbatim = isClientRequest(request) && request.format === wire && canBeVerbatim(wire);
  const encoded: Encoded = isEmbeddingCall(request)
    ? encodeEmbeddingRequest({ ...request.embedding, model: target.upstreamName }, provider.quirks)
    : verbatim
      ? verbatimRequest(provider, wire, request.body, target.upstreamName)
      : encode(codec, target, request, stream);
  const { url, body } = upstreamRequest(
    provider,
    wire,
    base,
    encoded,
    { model: target.upstreamName, stream },
    settings,
  );
  const text = JSON.stringify(body);
  const limit = limitName(key.digest, target.upstreamName);
  return {
    target,
    provider,
    codec: encoded.oneCall === true ? oneCallAtMost(codec) : codec,
    verbatim,
    headers: verbatim ? request.headers : NO_HEADERS,
    key,
    url,
    body: text,
    dropped: encoded.dropped,
    breakerId: breakerId(
      provider.id,
      key.digest,
      provider.breakerScope === 'model' ? target.upstreamName : undefined,
    ),
    limitName: limit,
    limitId: `${provider.id}:${limit}`,
    limitTokens: tokensOf(text),
  };
}

interface Address {
  readonly settings: Settings;
  /** Undefined when the provider does not speak the format. */
  readonly base: string | undefined;
}

const addresses = new WeakMap<Settings, Map<string, Address>>();

/** Where a key's calls in a format go: the same for all of them, and put together once. */
function addressOf(provider: ProviderDefinition, wire: WireFormat, key: ProviderKey): Address {
  let known = addresses.get(key.settings);
  if (known === undefined) {
    known = new Map();
    addresses.set(key.settings, known);
  }
  const name = `${provider.id} ${wire}`;
  let address = known.get(name);
  if (address === undefined) {
    const settings = withDefaults(provider, key.settings);
    address = { settings, base: baseUrl(provider, wire, settings) };
    known.set(name, address);
  }
  return address;
}

/** The format of a call: the model's, the client's own where the provider knows it, and OpenAI's for embeddings. */
function wireFor(provider: ProviderDefinition, target: ModelTarget, request: ModelRequest): WireFormat {
  if (isEmbeddingCall(request)) return 'openai-chat';
  const client = isClientRequest(request) ? request.format : undefined;
  return wireOf(provider, target.upstreamName, target.wire, client);
}

const NO_HEADERS: Readonly<Record<string, string>> = {};

/** A request as it is sent, and whether its answer is heard to its first tool call alone. */
type Encoded = EncodedRequest & { readonly oneCall?: boolean };

/** The request in the words of the target's format. Throws `UpstreamFailure` when it cannot say something that matters and may not leave it out. */
function encode(
  codec: WireCodec,
  target: ModelTarget,
  request: Exclude<ModelRequest, EmbeddingCall>,
  stream: boolean,
): Encoded {
  const client = isClientRequest(request) ? request : undefined;
  const decoded = client?.neutral();
  const conversation: ConversationRequest = {
    ...(decoded?.request ?? (request as NeutralRequest)),
    model: target.upstreamName,
    stream,
    // Usage is what is charged by; it is always asked for.
    ...(stream ? { includeUsage: true } : {}),
  };
  const encoded = codec.encodeRequest(conversation);
  if (client === undefined) return encoded;
  const losses = [...(decoded?.dropped ?? []), ...encoded.dropped];
  // What the format cannot forbid is forbidden here.
  const oneCall = losses.some(({ path }) => path === 'parallelToolCalls') && conversation.tools !== undefined;
  const dropped = oneCall ? losses.filter(({ path }) => path !== 'parallelToolCalls') : losses;
  const loss = weightyLoss(conversation, dropped, client.lenient);
  if (loss !== undefined) throw unsupported(target, client, conversation, loss);
  return {
    ...encoded,
    oneCall,
    dropped: dropped.map(({ path, reason }) => ({ path: clientParam(client.format, path), reason })),
  };
}

function unsupported(
  { modelId }: ModelTarget,
  { format }: ClientRequest,
  conversation: ConversationRequest,
  loss: Dropped,
): UpstreamFailure {
  const param = clientParam(format, loss.path);
  const message = isMissingTurn(conversation, loss)
    ? `${modelId} does not have what \`${param}\` stands for: it is kept by another provider, or by none. Send the whole conversation with the request${format === 'openai-responses' ? ': with "store": false, clients do' : ''}.`
    : `${modelId} cannot do \`${param}\`: ${loss.reason}. Leave it out, choose another model, or let it be ignored with "provider": {"require_parameters": false}.`;
  return new UpstreamFailure({ kind: 'invalid_request', code: UNSUPPORTED, param, message });
}

async function keyFor(
  sources: readonly KeySource[],
  provider: ProviderDefinition,
  settings: Readonly<Record<string, string>>,
): Promise<ProviderKey> {
  const key = await findKey(sources, provider);
  if (key !== undefined) return key;
  const needs = missingSettings(provider, settings).join(', ');
  throw noUsableKey(
    `There is no usable key for ${provider.name}${needs === '' ? '' : `: it needs ${needs}`}.`,
  );
}

/** A target that no key serves: the next one is tried. A source of keys throws it to keep the sources after it from being asked. */
export function noUsableKey(message: string): UpstreamFailure {
  return new UpstreamFailure({ kind: 'authentication', code: 'no_provider_key', message });
}
