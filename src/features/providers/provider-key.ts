import type { Config } from '../../platform/config.ts';
import { sha256Hex } from '../../platform/crypto.ts';
import { authenticationSettings, missingSettings } from './availability.ts';
import type { ProviderDefinition, Settings } from './definition.ts';
import type { KeyStrategy } from './model-call.ts';

/** What a call authenticates with. Never logged, never put into an error: only `digest` may stand for it. */
export interface ProviderKey {
  readonly strategy: KeyStrategy;
  /** A tenant's own key: which one. */
  readonly id?: string;
  /** Values by setting name; a tenant's key brings its own in the place of the platform's. */
  readonly settings: Settings;
  /** 16 hex digits that tell keys apart and say nothing of them. */
  readonly digest: string;
}

/**
 * Where keys come from, in order: the first source that has one for the provider decides, and with it who pays. A tenant's vault is a source before the
 * platform's settings.
 */
export type KeySource = (provider: ProviderDefinition) => Promise<ProviderKey | undefined>;

const DIGEST_LENGTH = 16;

/** Makes a key of settings. Undefined when something the provider needs is missing. */
export async function keyFrom(
  provider: ProviderDefinition,
  settings: Settings,
  strategy: KeyStrategy,
): Promise<ProviderKey | undefined> {
  if (missingSettings(provider, settings).length > 0) return undefined;
  const { required, optional } = authenticationSettings(provider.authentication);
  const secrets = [...required, ...optional].map((name) => settings[name] ?? '');
  // The address is part of it: two servers without keys are not one.
  const whole = JSON.stringify([provider.id, settings[provider.originSetting] ?? '', ...secrets]);
  const digest = (await sha256Hex(whole)).slice(0, DIGEST_LENGTH);
  return { strategy, settings, digest };
}

const platformKeys = new WeakMap<object, Map<string, ProviderKey>>();

/** The platform's own key out of its settings; `none` as strategy where the provider takes no key. Kept with the settings. */
export function platformKeySource(config: Config): KeySource {
  return async (provider) => {
    const { providerSettings } = config;
    let known = platformKeys.get(providerSettings);
    if (known === undefined) {
      known = new Map();
      platformKeys.set(providerSettings, known);
    }
    const kept = known.get(provider.id);
    if (kept !== undefined) return kept;
    const key = await keyFrom(provider, providerSettings, platformStrategy(provider, providerSettings));
    if (key !== undefined) known.set(provider.id, key);
    return key;
  };
}

function platformStrategy(provider: ProviderDefinition, settings: Settings): KeyStrategy {
  const { authentication } = provider;
  if (authentication.kind === 'none') return 'none';
  const keyless = authentication.kind === 'bearer' && settings[authentication.setting] === undefined;
  return keyless ? 'none' : 'platform';
}

/** The first key that a source has. */
export async function findKey(
  sources: readonly KeySource[],
  provider: ProviderDefinition,
): Promise<ProviderKey | undefined> {
  for (const source of sources) {
    const key = await source(provider);
    if (key !== undefined) return key;
  }
  return undefined;
}

/** Every secret text in a key, for taking it out of what a provider says. */
export function secretsOf(provider: ProviderDefinition, key: ProviderKey): string[] {
  const { required, optional } = authenticationSettings(provider.authentication);
  return [...required, ...optional]
    .filter((name) => name !== 'AWS_REGION')
    .map((name) => key.settings[name] ?? '')
    .filter((value) => value.length >= 6);
}
