import { providerSettingNames } from './features/providers/index.ts';
import { type Config, readConfig } from './platform/config.ts';

const cache = new WeakMap<object, Config>();

/** The settings of these bindings, checked the first time they are asked for. Throws `ConfigError`. */
export function configOf(env: Env): Config {
  let config = cache.get(env);
  if (config === undefined) {
    config = readConfig(env, providerSettingNames);
    cache.set(env, config);
  }
  return config;
}
