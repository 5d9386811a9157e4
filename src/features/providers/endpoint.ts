import type { WireFormat } from './conversation.ts';
import type { ProviderDefinition, Settings } from './definition.ts';

/** Names of the settings that a text refers to: `{AWS_REGION}` → `AWS_REGION`. */
export function settingsIn(template: string): string[] {
  return [...template.matchAll(/\{([A-Z][A-Z0-9_]*)\}/g)].map((match) => match[1] ?? '');
}

/** The settings with the provider's defaults where nothing is set. */
export function withDefaults(provider: ProviderDefinition, settings: Settings): Settings {
  return provider.defaults === undefined ? settings : { ...provider.defaults, ...settings };
}

/**
 * The format that a model of this provider is spoken to in. `wanted` is the catalog's own word, when it has one; `client` the format of the
 * client that asks, which is kept where the provider knows it.
 */
export function wireOf(
  provider: ProviderDefinition,
  upstreamName: string,
  wanted?: WireFormat,
  client?: WireFormat,
): WireFormat {
  if (wanted !== undefined) return wanted;
  const rule = provider.wireRules?.find(({ models }) => models.test(upstreamName));
  if (rule !== undefined) return rule.wire;
  return client !== undefined && provider.alsoSpeaks?.includes(client) ? client : provider.wire;
}

/** Whether the provider's address was replaced by a setting that is not itself the only place where the address comes from. */
export function isOverridden(provider: ProviderDefinition, settings: Settings): boolean {
  return settings[provider.originSetting] !== undefined;
}

/** Settings that the address of a format needs and that are not there. */
export function missingForAddress(
  provider: ProviderDefinition,
  wire: WireFormat,
  settings: Settings,
): string[] {
  const path = provider.paths[wire] ?? '';
  const origin =
    isOverridden(provider, settings) || typeof provider.origin !== 'string' ? '' : provider.origin;
  const known = withDefaults(provider, settings);
  return [...new Set(settingsIn(origin + path))].filter((name) => known[name] === undefined);
}

/**
 * Where requests of a format begin, without a trailing slash. Undefined when the provider does not speak it.
 * The settings must be complete (`missingForAddress` is empty).
 */
export function baseUrl(
  provider: ProviderDefinition,
  wire: WireFormat,
  settings: Settings,
): string | undefined {
  const path = provider.paths[wire];
  if (path === undefined) return undefined;
  const known = withDefaults(provider, settings);
  const override = settings[provider.originSetting];
  const origin =
    override ?? (typeof provider.origin === 'string' ? fill(provider.origin, known) : provider.origin(known));
  const trimmed = origin.replace(/\/+$/, '');
  const full = fill(path, known);
  return full !== '' && trimmed.endsWith(full) ? trimmed : trimmed + full;
}

/** Puts settings into a text; in a path they are escaped, so that none can change the address's shape. */
export function fill(template: string, settings: Settings): string {
  return template.replace(/\{([A-Z][A-Z0-9_]*)\}/g, (_, name: string) => {
    const value = settings[name] ?? '';
    return /^https?:\/\//.test(value) ? value : encodeURIComponent(value);
  });
}
