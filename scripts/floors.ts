/**
 * The floors of the source: a slice imports from floors under its own, and from its own floor without circles; another slice is
 * reached only through its `index.ts`. Pure: takes what each file imports, says what is wrong.
 */

/** From the ground up. A name is a folder of `src/features`, or one of the places below. */
const FLOORS: readonly (readonly string[])[] = [
  ['contracts'],
  ['platform'],
  ['providers', 'catalog'],
  ['audit', 'insight', 'privacy'],
  ['metering', 'billing', 'routing', 'vault', 'identity', 'oauth', 'reconciliation', 'notices', 'webhooks'],
  ['memory', 'knowledge', 'visual', 'voice', 'agents', 'bridge'],
  ['perspectives', 'gateway', 'chat', 'rooms', 'canvas', 'widget'],
  ['top'],
];

/** Slices that write for many tenants at once, or whose tables belong to the platform: they alone may open the database without a principal. */
const WITHOUT_TENANT = new Set(['platform', 'catalog', 'identity', 'metering', 'top']);
/** Files of other slices that keep such a table: what was learned of the models is the platform's, a tenant's rules are not. */
const FILES_WITHOUT_TENANT = new Set([
  'src/features/routing/figures-store.ts',
  'src/features/routing/lengths-store.ts',
  'src/features/routing/load-figures.ts',
  'src/features/routing/load-lengths.ts',
  'src/features/routing/summaries.ts',
  'src/features/vault/rewrap.ts',
  'src/features/oauth/authorize.ts',
  'src/features/billing/owners.ts',
  'src/features/reconciliation/difference-store.ts',
  'src/features/reconciliation/walk-store.ts',
  'src/features/billing/event-store.ts',
  'src/features/billing/referrals/referrers.ts',
  'src/features/oauth/routes/oauth-request.ts',
  'src/features/vault/routes/rewrap-vault.ts',
]);
/** Where `platformDb` and `platformBatch` are. */
const DATABASE = 'src/platform/db.ts';

export interface Import {
  /** Path of the importing file from the project's root. */
  readonly from: string;
  /** Path of the imported file from the project's root, or a package's name. */
  readonly to: string;
  /** Names imported, where known. */
  readonly names: readonly string[];
  readonly typeOnly: boolean;
}

export interface Violation {
  readonly import: Import;
  readonly reason: string;
}

/** The one query that is made on the binding itself: whether the database answers at all. */
const ASKS_THE_BINDING = 'src/app.ts';

/** Whether a file's text uses the D1 binding directly, past the functions that take a principal. */
export function reachesPastTheDatabase(path: string, text: string): boolean {
  if (path === ASKS_THE_BINDING || path.startsWith('src/platform/')) return false;
  return /\bDB\s*\.\s*(?:prepare|batch|exec|dump|withSession)\b/.test(text);
}

/** What says whose rows are meant, where a function is given the handle. */
const WHOSE = /^\s*,\s*(?:\w+\.)*(?:principal|tenantId|header|#tenantId)\b|^\s*,\s*\{\s*tenantId\b/;

/**
 * Where a file outside the list hands the database on without saying whose rows are meant: each as the text around it. There the handle goes into
 * `tenantDb` or into a function that takes the principal, or the tenant's id, right after it; it is not kept, taken apart or given to
 * anything else. A function that is given the handle takes them too, or deletes by age alone. Pure; reads text, so it is strict about form.
 */
export function handlesWithoutTenant(path: string, text: string): string[] {
  const slice = sliceOf(path);
  if (slice === null || WITHOUT_TENANT.has(slice) || slice === 'contracts' || FILES_WITHOUT_TENANT.has(path))
    return [];
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '');
  const found: string[] = [];
  for (const { index, 0: match } of code.matchAll(/\.DB\b|\bd1\b(?!\s*:)/g)) {
    if (!WHOSE.test(code.slice(index + match.length)) && !/deleteOlder\(\s*$/.test(code.slice(0, index)))
      found.push(around(code, index));
  }
  for (const { index } of code.matchAll(/[{,]\s*DB\s*(?:[,}]|:\s*\w)/g)) found.push(around(code, index));
  for (const { index, 0: match } of code.matchAll(/:\s*D1Database\b/g)) {
    const next = code.slice(index + match.length, index + match.length + 200);
    const body = code.slice(index, index + 600);
    if (!/^\s*,\s*(?:\{[^}]*\btenantId\b|principal\b|tenantId\b)/.test(next) && !/\bdeleteOlder\(/.test(body))
      found.push(around(code, index));
  }
  return found;
}

function around(code: string, index: number): string {
  return code
    .slice(Math.max(0, index - 30), index + 40)
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** Which slice a file belongs to; null for files that no floor concerns (tests, scripts, pages). */
export function sliceOf(path: string): string | null {
  const feature = /^src\/features\/([^/]+)\//.exec(path);
  if (feature?.[1] !== undefined) return feature[1];
  if (path.startsWith('src/contracts/')) return 'contracts';
  if (path.startsWith('src/platform/')) return 'platform';
  if (path.startsWith('src/mcp/') || path.startsWith('durable-objects/') || /^src\/[^/]+\.ts$/.test(path))
    return 'top';
  return null;
}

/** Whether an import can open the database without a principal: by its name, or by taking the whole module. */
function isWithoutTenant(name: string, from: string): boolean {
  return /^platform(?:Db|Batch)$/.test(name) || (from === DATABASE && (name === '' || name === '*'));
}

function floorOf(slice: string): number {
  return FLOORS.findIndex((floor) => floor.includes(slice));
}

/** Everything that breaks a floor, in the order of the imports given; circles between slices of one floor come last. */
export function violations(imports: readonly Import[]): Violation[] {
  const found: Violation[] = [];
  const between = new Map<string, Map<string, Import>>();
  for (const one of imports) {
    const from = sliceOf(one.from);
    if (from === null) continue;
    if (from === 'contracts' && !one.to.startsWith('src/contracts/') && one.to !== 'zod') {
      found.push({ import: one, reason: 'the contracts import nothing but zod and each other' });
      continue;
    }
    if (
      one.names.some((name) => isWithoutTenant(name, one.to)) &&
      !WITHOUT_TENANT.has(from) &&
      !FILES_WITHOUT_TENANT.has(one.from)
    ) {
      found.push({ import: one, reason: `${from} must query through tenantDb, which takes the principal` });
    }
    if (/^drizzle-orm\/d1$/.test(one.to) && from !== 'platform') {
      found.push({ import: one, reason: 'the database is opened in src/platform/db.ts alone' });
    }
    const to = sliceOf(one.to);
    if (to === null || to === from) continue;
    const [low, high] = [floorOf(to), floorOf(from)];
    if (low < 0) found.push({ import: one, reason: `${to} stands on no floor; add it to scripts/floors.ts` });
    else if (high < 0)
      found.push({ import: one, reason: `${from} stands on no floor; add it to scripts/floors.ts` });
    else if (low > high) found.push({ import: one, reason: `${from} imports upward from ${to}` });
    else if (one.to.startsWith('src/features/') && !/^src\/features\/[^/]+\/index\.ts$/.test(one.to)) {
      found.push({ import: one, reason: `${to} is reached only through its index.ts` });
    } else if (low === high) {
      const edges = between.get(from) ?? new Map<string, Import>();
      edges.set(to, one);
      between.set(from, edges);
    }
  }
  for (const [from, edges] of between) {
    for (const [to, one] of edges) {
      if (reaches(between, to, from))
        found.push({ import: one, reason: `${from} and ${to} import each other` });
    }
  }
  return found;
}

function reaches(
  edges: ReadonlyMap<string, ReadonlyMap<string, Import>>,
  from: string,
  goal: string,
  seen = new Set<string>(),
): boolean {
  if (from === goal) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  return [...(edges.get(from)?.keys() ?? [])].some((next) => reaches(edges, next, goal, seen));
}
