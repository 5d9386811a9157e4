import type { Principal } from '../../contracts/principal.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { createLogger } from '../../platform/log.ts';
import { fresh, type Kept, notYetRead, type WaitUntil } from './kept.ts';
import { NOTHING_SET, type TenantRouting } from './tenant-routing.ts';
import { readTenantRouting } from './tenant-store.ts';

/** How old what an isolate knows of a tenant's rules may be: until then another isolate's change is not seen. */
export const TENANT_MAX_AGE_MS = 30_000;
/** Characters of rules and panels that are kept in memory, over all tenants. */
const MAX_CHARACTERS = 4_000_000;
/** What a tenant costs beside its rules. */
const BASE_CHARACTERS = 500;

interface Entry {
  readonly kept: Kept<TenantRouting>;
  /** The value whose size is known, and that size. */
  measured: TenantRouting | undefined;
  size: number;
}

/** What tenants have set, the one unused for longest first. */
class Tenants {
  readonly #kept = new Map<string, Entry>();
  #size = 0;

  of(tenantId: string): Kept<TenantRouting> {
    const entry: Entry = this.#kept.get(tenantId) ?? {
      kept: notYetRead<TenantRouting>({ ...NOTHING_SET, read: false }),
      measured: undefined,
      size: 0,
    };
    this.#kept.delete(tenantId);
    this.#kept.set(tenantId, entry);
    this.#measure(entry);
    this.#forgetOldest(tenantId);
    return entry.kept;
  }

  forget(tenantId: string): void {
    this.#size -= this.#kept.get(tenantId)?.size ?? 0;
    this.#kept.delete(tenantId);
  }

  #measure(entry: Entry): void {
    const { value } = entry.kept;
    if (value === entry.measured) return;
    const size = BASE_CHARACTERS + JSON.stringify([value.rules, value.panels]).length;
    this.#size += size - entry.size;
    entry.measured = value;
    entry.size = size;
  }

  #forgetOldest(but: string): void {
    for (const tenantId of this.#kept.keys()) {
      if (this.#size <= MAX_CHARACTERS || tenantId === but) return;
      this.forget(tenantId);
    }
  }
}

/** By the settings object, of which a deployment's isolate has one (`configOf`). */
const known = new WeakMap<Config, Tenants>();

function tenantsOf(config: Config): Tenants {
  let tenants = known.get(config);
  if (tenants === undefined) {
    tenants = new Tenants();
    known.set(config, tenants);
  }
  return tenants;
}

/** What a tenant has set, as this isolate knows it. Never fails; without the database what is known serves, or the defaults, and `read` says which. */
export function loadTenantRouting(
  env: Pick<Env, 'DB'>,
  config: Config,
  clock: Clock,
  principal: Pick<Principal, 'tenantId'>,
  waitUntil?: WaitUntil,
): Promise<TenantRouting> {
  return fresh(tenantsOf(config).of(principal.tenantId), {
    now: clock.now(),
    maxAgeMs: TENANT_MAX_AGE_MS,
    read: () => readTenantRouting(env.DB, principal),
    waitUntil,
    log: createLogger({ part: 'routing' }),
    what: 'a tenant’s rules',
  });
}

/** Makes this isolate read a tenant's rules again, after one of them was written here. */
export function forgetTenantRouting(config: Config, tenantId: string): void {
  tenantsOf(config).forget(tenantId);
}
