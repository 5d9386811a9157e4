import type { Config } from '../../platform/config.ts';
import type { WireFormat } from './conversation.ts';
import type { Authentication, ProviderDefinition, Settings } from './definition.ts';
import { baseUrl, missingForAddress, settingsIn, withDefaults } from './endpoint.ts';
import { PROVIDERS, providerById } from './table.ts';

/** Whether a provider can be called with the platform's settings, and which settings would make it so. */
export interface Availability {
  readonly available: boolean;
  /** Names of settings; empty when it is available. */
  readonly needs: readonly string[];
}

/** Settings of the scheme itself: those it cannot do without, and those it also reads. */
export function authenticationSettings(authentication: Authentication): {
  required: string[];
  optional: string[];
} {
  switch (authentication.kind) {
    case 'none':
      return { required: [], optional: [] };
    case 'bearer':
      return authentication.optional === true
        ? { required: [], optional: [authentication.setting] }
        : { required: [authentication.setting], optional: [] };
    case 'header':
    case 'google_service_account':
      return { required: [authentication.setting], optional: [] };
    case 'aws':
      return {
        required: ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_REGION'],
        optional: ['AWS_SESSION_TOKEN', authentication.bearerSetting],
      };
  }
}

/** Every setting that a provider reads. */
export function settingNamesOf(provider: ProviderDefinition): string[] {
  const { required, optional } = authenticationSettings(provider.authentication);
  const templates = [
    typeof provider.origin === 'string' ? provider.origin : '',
    ...Object.values(provider.paths),
  ];
  if (provider.check?.kind === 'get_url') templates.push(provider.check.url);
  return [
    ...required,
    ...optional,
    ...templates.flatMap(settingsIn),
    provider.originSetting,
    ...Object.keys(provider.defaults ?? {}),
    ...(provider.optionalSettings ?? []),
  ];
}

/** The setting that a provider's key itself stands in; null where it takes none. */
export function secretSettingOf({ authentication }: ProviderDefinition): string | null {
  switch (authentication.kind) {
    case 'none':
      return null;
    case 'bearer':
    case 'header':
    case 'google_service_account':
      return authentication.setting;
    case 'aws':
      return authentication.bearerSetting;
  }
}

/** Every address that calls with these settings go to, one a wire format. The settings must be complete. */
export function addressesOf(provider: ProviderDefinition, settings: Settings): string[] {
  const wires = Object.keys(provider.paths) as WireFormat[];
  return wires
    .map((wire) => baseUrl(provider, wire, withDefaults(provider, settings)))
    .filter((base) => base !== undefined);
}

/** Every setting that any provider reads, once each, sorted: what the configuration lets through. */
export const providerSettingNames: readonly string[] = [...new Set(PROVIDERS.flatMap(settingNamesOf))].sort();

/** The settings that this provider still needs, were these all there are. */
export function missingSettings(provider: ProviderDefinition, settings: Settings): string[] {
  const { authentication } = provider;
  const { required } = authenticationSettings(authentication);
  const bearer = authentication.kind === 'aws' && settings[authentication.bearerSetting] !== undefined;
  const needed = bearer ? [] : required.filter((name) => settings[name] === undefined);
  const missing = [...new Set([...needed, ...missingForAddress(provider, provider.wire, settings)])];
  if (missing.length > 0) return missing;
  // An address that is none (a host without its scheme) would fail at every call; it counts as not set.
  const base = baseUrl(provider, provider.wire, settings) ?? '';
  if (/^https?:\/\//.test(base) && URL.canParse(base)) return [];
  const named = typeof provider.origin === 'string' ? settingsIn(provider.origin) : [];
  return settings[provider.originSetting] === undefined && named.length > 0
    ? named
    : [provider.originSetting];
}

/** Whether the platform can call this provider. An id that is not in the table is not available and needs nothing. */
export function availability(config: Pick<Config, 'providerSettings'>, providerId: string): Availability {
  const provider = providerById(providerId);
  if (provider === undefined) return { available: false, needs: [] };
  const needs = missingSettings(provider, config.providerSettings);
  return { available: needs.length === 0, needs };
}
