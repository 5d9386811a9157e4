/** The Worker's bindings, for the pure modules of the source that scripts import: a script has none of them, and must not touch any. */
interface Env {
  readonly PROVIDER_HEALTH: never;
}
