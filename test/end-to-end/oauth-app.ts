import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js';
import type {
  OAuthClientInformationMixed,
  OAuthClientMetadata,
  OAuthTokens,
} from '@modelcontextprotocol/sdk/shared/auth.js';

/** What the official clients ask of the program that they are in: it keeps what they learn, and opens the browser. */
export class AppOfATest implements OAuthClientProvider {
  readonly #name: string;
  #information: OAuthClientInformationMixed | undefined;
  #tokens: OAuthTokens | undefined;
  #verifier = '';
  #sentTo: URL | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  /** Nobody listens there: the test reads the address that the browser is sent to. */
  get redirectUrl(): string {
    return 'http://127.0.0.1:33418/callback';
  }

  get clientMetadata(): OAuthClientMetadata {
    return {
      client_name: this.#name,
      redirect_uris: [this.redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    };
  }

  state(): string {
    return 'state-of-the-test';
  }

  clientInformation(): OAuthClientInformationMixed | undefined {
    return this.#information;
  }

  saveClientInformation(information: OAuthClientInformationMixed): void {
    this.#information = information;
  }

  tokens(): OAuthTokens | undefined {
    return this.#tokens;
  }

  saveTokens(tokens: OAuthTokens): void {
    this.#tokens = tokens;
  }

  redirectToAuthorization(url: URL): void {
    this.#sentTo = url;
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }

  codeVerifier(): string {
    return this.#verifier;
  }

  /** Where the browser was sent. */
  get sentTo(): URL {
    if (this.#sentTo === undefined) throw new Error('the client sent nobody anywhere');
    return this.#sentTo;
  }

  /** Makes the access token one that has expired, as far as the server is concerned. */
  spoilAccessToken(): void {
    if (this.#tokens !== undefined) this.#tokens = { ...this.#tokens, access_token: 'usr_x:grant:gone' };
  }
}
