import { ParallaxError } from '../../platform/errors.ts';
import { type AddressPolicy, refuseAddress } from '../../platform/guarded-fetch/index.ts';
import {
  addressesOf,
  missingSettings,
  type ProviderDefinition,
  providerById,
  secretSettingOf,
  settingNamesOf,
} from '../providers/index.ts';

/** What a key stands for: the provider's settings by name, its secret among them. This is what is sealed. */
export type KeySettings = Readonly<Record<string, string>>;

export interface GivenKey {
  readonly provider: string;
  readonly key: string;
  readonly base_url?: string | undefined;
  readonly settings?: Readonly<Record<string, string>> | undefined;
}

/** Google's own token endpoint: a service account that names another would have us sign tokens for a stranger. */
const GOOGLE_TOKEN_URI = 'https://oauth2.googleapis.com/token';

/**
 * Reads what a person gave as a provider's settings. Throws `invalid_parameter` for a provider that takes no key, for a setting that it does not have or
 * still needs, and for an address that is not called.
 */
export function settingsOfKey(given: GivenKey, policy: AddressPolicy): KeySettings {
  const provider = requireProvider(given.provider);
  const secretName = secretSettingOf(provider);
  if (secretName === null) {
    throw new ParallaxError('invalid_parameter', `${provider.name} takes no key.`, { param: 'provider' });
  }
  const more = given.settings ?? {};
  const known = settingNamesOf(provider).filter(
    (name) => name !== secretName && name !== provider.originSetting,
  );
  const unknown = Object.keys(more).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new ParallaxError(
      'invalid_parameter',
      `${provider.name} has no setting "${unknown}"; it has ${known.join(', ') || 'none'}.`,
      { param: `settings.${unknown}` },
    );
  }
  const key = given.key.trim();
  if (provider.authentication.kind === 'google_service_account') requireGoogleAccount(key);
  const settings = {
    ...more,
    [secretName]: key,
    ...(given.base_url === undefined ? {} : { [provider.originSetting]: given.base_url }),
  };
  if (given.base_url !== undefined) refuseAddress(given.base_url, policy, 'base_url');
  const missing = missingSettings(provider, settings);
  if (missing.length > 0) {
    const names = missing.map((name) =>
      name === provider.originSetting ? '`base_url`' : `\`settings.${name}\``,
    );
    throw new ParallaxError('invalid_parameter', `${provider.name} also needs ${names.join(' and ')}.`, {
      param: 'settings',
    });
  }
  for (const address of addressesOf(provider, settings)) refuseAddress(address, policy, 'settings');
  return settings;
}

export function requireProvider(id: string): ProviderDefinition {
  const provider = providerById(id);
  if (provider === undefined || provider.id === 'local') {
    throw new ParallaxError(
      'invalid_parameter',
      `There is no provider "${id.slice(0, 60)}"; GET /v1/providers lists them.`,
      { param: 'provider' },
    );
  }
  return provider;
}

function requireGoogleAccount(text: string): void {
  let account: unknown;
  try {
    account = JSON.parse(text);
  } catch {
    account = null;
  }
  const uri =
    typeof account === 'object' && account !== null && 'token_uri' in account ? account.token_uri : null;
  if (uri === GOOGLE_TOKEN_URI) return;
  throw new ParallaxError(
    'invalid_parameter',
    `The key must be the JSON of a Google service account whose token_uri is ${GOOGLE_TOKEN_URI}.`,
    { param: 'key' },
  );
}

/** Letters and digits of a secret from which on four of them are shown: of a shorter one they would be much of it. */
const SHOWN_FROM = 16;

/** Eight dots and the last four letters or digits: the same length whatever the secret. Pure. */
export function previewOf(secret: string): string {
  const letters = secret.replaceAll(/[^A-Za-z0-9]/g, '');
  return `••••••••${letters.length < SHOWN_FROM ? '••••' : letters.slice(-4)}`;
}
