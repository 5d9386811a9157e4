/** OAuth 2.1 for MCP: who may act for a person without their key, and with what. */
import type { Operation } from '../../platform/http/operation.ts';
import { disconnectApp, listConnectedApps } from './routes/connected-apps.ts';
import { decideOAuthRequest, getOAuthRequest } from './routes/oauth-request.ts';

export { authorize } from './authorize.ts';
export { registrationEndpoint, revocationEndpoint, tokenEndpoint } from './endpoints.ts';
export { challengeOf, resourceMetadata, serverMetadata } from './metadata.ts';
export { oauthPrincipal, tokenIn } from './principal.ts';
export { connectedApps } from './schema.ts';
export {
  AUTHORIZE_PATH,
  oauthServer,
  REGISTER_PATH,
  RESOURCE_METADATA_PATH,
  REVOKE_PATH,
  SERVER_METADATA_PATH,
  TOKEN_PATH,
} from './server.ts';
export { forgetOldApps, forgetOldGrants } from './upkeep.ts';

export const oauthOperations: readonly Operation[] = [
  getOAuthRequest,
  decideOAuthRequest,
  listConnectedApps,
  disconnectApp,
];
