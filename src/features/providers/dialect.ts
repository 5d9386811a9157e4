import type { EncodedRequest } from './codec.ts';
import type { JsonObject, WireFormat } from './conversation.ts';
import type { ProviderDefinition, Settings } from './definition.ts';

/** What is posted, and where. */
export interface UpstreamRequest {
  readonly url: string;
  readonly body: JsonObject;
}

/** Anthropic's version of its API as Vertex AI wants it in the body ("Claude on Vertex AI"). */
const VERTEX_ANTHROPIC_VERSION = 'vertex-2023-10-16';

/**
 * Joins base, path and body, in the provider's dialect. Pure.
 * - `vertex`: Claude is served as a raw prediction: the model stands in the path and a version in the body.
 * - `azure`: a dated API version selects the address by deployment and stands in the query; the v1 API needs neither.
 */
export function upstreamRequest(
  provider: ProviderDefinition,
  wire: WireFormat,
  base: string,
  encoded: Pick<EncodedRequest, 'path' | 'body'>,
  call: { readonly model: string; readonly stream: boolean },
  settings: Settings,
): UpstreamRequest {
  if (provider.dialect === 'vertex' && wire === 'anthropic-messages') {
    const { model: _, ...body } = encoded.body;
    const verb = call.stream ? 'streamRawPredict' : 'rawPredict';
    return {
      url: `${base}/models/${encodeURIComponent(call.model)}:${verb}`,
      body: { anthropic_version: VERTEX_ANTHROPIC_VERSION, ...body },
    };
  }
  if (provider.dialect === 'azure' && wire !== 'anthropic-messages') {
    return {
      url: azureUrl(base, encoded.path, call.model, settings.AZURE_OPENAI_API_VERSION),
      body: encoded.body,
    };
  }
  return { url: base + encoded.path, body: encoded.body };
}

/**
 * Azure's two forms of address ("Azure OpenAI API version lifecycle"): `/openai/v1/…`, whose `api-version` is absent or a word
 * (`preview`), and the dated `/openai/deployments/{deployment}/…?api-version=2024-10-21`, in which the Responses API names no deployment.
 */
export function azureUrl(
  base: string,
  path: string,
  deployment: string,
  version: string | undefined,
): string {
  if (version === undefined || version === 'v1') return base + path;
  const query = `?api-version=${encodeURIComponent(version)}`;
  if (!/^\d{4}-\d{2}-\d{2}/.test(version)) return `${base}${path}${query}`;
  const root = base.replace(/\/v1$/, '');
  const byDeployment = path.startsWith('/chat/') || path.startsWith('/embeddings');
  return byDeployment
    ? `${root}/deployments/${encodeURIComponent(deployment)}${path}${query}`
    : `${root}${path}${query}`;
}
