import { AwsV4Signer } from 'aws4fetch';
import type { Clock } from '../../platform/clock.ts';
import type { WireFormat } from './conversation.ts';
import type { ProviderDefinition } from './definition.ts';
import type { GoogleTokens } from './google-token.ts';
import type { ProviderKey } from './provider-key.ts';

/** A request that wants its credentials. */
export interface UnsignedRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Exactly the text that is sent: a signature covers it. */
  readonly body?: string;
}

export interface AuthorizationTools {
  readonly clock: Clock;
  readonly googleTokens: GoogleTokens;
  readonly signal: AbortSignal;
}

/** The headers of the request with its credentials among them. Throws `GoogleTokenError` for a service account that gets no token. */
export async function authorize(
  provider: ProviderDefinition,
  wire: WireFormat,
  key: ProviderKey,
  request: UnsignedRequest,
  tools: AuthorizationTools,
): Promise<Record<string, string>> {
  const { authentication } = provider;
  const headers = { ...request.headers };
  switch (authentication.kind) {
    case 'none':
      return headers;
    case 'bearer': {
      const secret = key.settings[authentication.setting];
      return secret === undefined ? headers : { ...headers, authorization: `Bearer ${secret}` };
    }
    case 'header':
      return {
        ...headers,
        [headerName(authentication.header, wire)]: key.settings[authentication.setting] ?? '',
      };
    case 'google_service_account': {
      const token = await tools.googleTokens.token(key.settings[authentication.setting] ?? '', tools.signal);
      return { ...headers, authorization: `Bearer ${token}` };
    }
    case 'aws': {
      const bearer = key.settings[authentication.bearerSetting];
      if (bearer === undefined) return signAws(authentication.service, key, request, tools.clock);
      // Bedrock's Messages API takes its API key where Anthropic's own does.
      return wire === 'anthropic-messages'
        ? { ...headers, 'x-api-key': bearer }
        : { ...headers, authorization: `Bearer ${bearer}` };
    }
  }
}

/** Azure names its header `api-key`, except where it speaks Anthropic's API. */
function headerName(header: string, wire: WireFormat): string {
  return header === 'api-key' && wire === 'anthropic-messages' ? 'x-api-key' : header;
}

/** AWS Signature Version 4 in headers ("Create a signed AWS API request"). */
async function signAws(
  service: string,
  key: ProviderKey,
  request: UnsignedRequest,
  clock: Clock,
): Promise<Record<string, string>> {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION } = key.settings;
  const signer = new AwsV4Signer({
    method: request.method,
    url: request.url,
    headers: { ...request.headers },
    ...(request.body === undefined ? {} : { body: request.body }),
    accessKeyId: AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: AWS_SECRET_ACCESS_KEY ?? '',
    ...(AWS_SESSION_TOKEN === undefined ? {} : { sessionToken: AWS_SESSION_TOKEN }),
    service,
    region: AWS_REGION ?? '',
    datetime: new Date(clock.now()).toISOString().replace(/[:-]|\.\d{3}/g, ''),
  });
  const signed = await signer.sign();
  return Object.fromEntries(signed.headers.entries());
}
