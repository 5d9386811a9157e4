import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACTOR_TYPES } from '../../contracts/audit.ts';
import { csvField } from '../../platform/csv.ts';
import { beginningOf, type ChainPlace, follow, link } from './chain.ts';
import type { AuditEntry, NewAuditEntry } from './entry.ts';
import { changedFields } from './record.ts';
import { Sealer } from './seal.ts';
import { copyFaults, headFaults } from './verify.ts';

const TENANT = 'ten_a';
const sealer = new Sealer({ keySigningSecret: 'test-only-secret-of-more-than-32-characters' });

const text = fc.string({ maxLength: 12 });
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null });
const newEntry: fc.Arbitrary<NewAuditEntry> = fc.record({
  id: fc.uuid(),
  at: fc.nat(),
  actor: fc.record({ type: fc.constantFrom(...ACTOR_TYPES), id: text, userId: maybe(text) }),
  action: text,
  target: fc.record({ type: text, id: text }),
  before: maybe(text),
  after: maybe(text),
  changed: maybe(fc.array(text, { maxLength: 3 })),
  requestId: maybe(text),
  ip: maybe(text),
  country: maybe(text),
  userAgent: maybe(text),
  risk: maybe(fc.nat(100)),
});

function chainOf(tenantId: string, entries: readonly NewAuditEntry[]): AuditEntry[] {
  let place: ChainPlace = beginningOf(tenantId);
  return entries.map((entry) => {
    const linked = link(entry, place);
    place = linked;
    return linked;
  });
}

/** The seal that the chain's true end has. */
function headOf(chain: readonly AuditEntry[]) {
  const { seq, hash } = chain.at(-1) ?? beginningOf(TENANT);
  return { seq, hash, seal: sealer.seal({ what: 'head', tenantId: TENANT, seq, hash }) };
}

/** Whether a check of these entries, against the sealed end, finds nothing. */
function passes(
  entries: readonly AuditEntry[],
  head: ReturnType<typeof headOf>,
  from: ChainPlace = beginningOf(TENANT),
): boolean {
  const { place, broken } = follow(from, entries);
  return broken === null && headFaults(head, place, TENANT, sealer).length === 0;
}

const entries = fc.array(newEntry, { minLength: 1, maxLength: 12 });
const RUNS = { numRuns: 500 };

/** Paths of all values in an entry that are no objects. */
function leaves(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, item]) => leaves(item, [...path, name]));
}

function withChange(entry: AuditEntry, path: readonly string[], to: unknown): AuditEntry {
  const copy = structuredClone(entry) as unknown as Record<string, unknown>;
  const last = path.at(-1) ?? '';
  const parent = path.slice(0, -1).reduce((at, name) => at[name] as Record<string, unknown>, copy);
  parent[last] = to;
  return copy as unknown as AuditEntry;
}

describe('a chain', () => {
  it('that nobody touched passes, from its beginning and from any place in it', () => {
    fc.assert(
      fc.property(entries, fc.nat(), (all, at) => {
        const chain = chainOf(TENANT, all);
        expect(passes(chain, headOf(chain))).toBe(true);
        const cut = at % chain.length;
        const place = cut === 0 ? beginningOf(TENANT) : (chain[cut - 1] as ChainPlace);
        expect(passes(chain.slice(cut), headOf(chain), place)).toBe(true);
      }),
      RUNS,
    );
  });

  it('in which any one value of any entry was changed is found out', () => {
    fc.assert(
      fc.property(
        entries,
        fc.nat(),
        fc.nat(),
        fc.oneof(text, fc.nat(), fc.constant(null)),
        (all, at, leaf, to) => {
          const chain = chainOf(TENANT, all);
          const index = at % chain.length;
          const entry = chain[index] as AuditEntry;
          const paths = leaves(entry);
          const path = paths[leaf % paths.length] as readonly string[];
          const changed = withChange(entry, path, to);
          fc.pre(JSON.stringify(changed) !== JSON.stringify(entry));
          expect(passes(chain.with(index, changed), headOf(chain))).toBe(false);
        },
      ),
      RUNS,
    );
  });

  it('in which an entry was changed and given a hash that fits is found out', () => {
    fc.assert(
      fc.property(entries, newEntry, fc.nat(), (all, forged, at) => {
        const chain = chainOf(TENANT, all);
        const index = at % chain.length;
        const place = index === 0 ? beginningOf(TENANT) : (chain[index - 1] as ChainPlace);
        expect(passes(chain.with(index, link(forged, place)), headOf(chain))).toBe(false);
      }),
      RUNS,
    );
  });

  it('that was written anew from any entry on is found out by its sealed end', () => {
    fc.assert(
      fc.property(entries, newEntry, fc.nat(), (all, forged, at) => {
        const chain = chainOf(TENANT, all);
        const index = at % chain.length;
        const rewritten = chainOf(TENANT, all.with(index, forged));
        const { seq, hash } = rewritten.at(-1) as ChainPlace;
        expect(passes(rewritten, headOf(chain))).toBe(false);
        expect(passes(rewritten, { seq, hash, seal: headOf(chain).seal })).toBe(false);
      }),
      RUNS,
    );
  });

  it('from which entries were taken, at any place and also at its end, is found out', () => {
    fc.assert(
      fc.property(entries, fc.nat(), fc.integer({ min: 1, max: 3 }), (all, at, count) => {
        const chain = chainOf(TENANT, all);
        expect(passes(chain.toSpliced(at % chain.length, count), headOf(chain))).toBe(false);
      }),
      RUNS,
    );
  });

  it('in which entries were swapped, doubled or brought from another tenant’s is found out', () => {
    fc.assert(
      fc.property(entries, fc.nat(), fc.nat(), (all, a, b) => {
        const chain = chainOf(TENANT, all);
        const others = chainOf('ten_b', all);
        const [i, j] = [a % chain.length, b % chain.length];
        expect(passes(chain.with(i, others[i] as AuditEntry), headOf(chain))).toBe(false);
        expect(passes(others, headOf(chain))).toBe(false);
        expect(passes(chain.toSpliced(i, 0, chain[j] as AuditEntry), headOf(chain))).toBe(false);
        fc.pre(i !== j);
        const swapped = chain.with(i, chain[j] as AuditEntry).with(j, chain[i] as AuditEntry);
        expect(passes(swapped, headOf(chain))).toBe(false);
        const renumbered = chain
          .with(i, { ...(chain[j] as AuditEntry), seq: i + 1 })
          .with(j, { ...(chain[i] as AuditEntry), seq: j + 1 });
        expect(passes(renumbered, headOf(chain))).toBe(false);
      }),
      RUNS,
    );
  });

  it('says which entry is the first that does not fit, and how', () => {
    const chain = chainOf(TENANT, [entry('a'), entry('b'), entry('c')]);
    const [first, second, third] = chain as [AuditEntry, AuditEntry, AuditEntry];
    const from = beginningOf(TENANT);
    expect(follow(from, [first, { ...second, action: 'x' }, third]).broken).toEqual({
      seq: 2,
      kind: 'changed',
    });
    expect(follow(from, [first, third]).broken).toEqual({ seq: 2, kind: 'missing' });
    expect(follow(from, [first, second, first]).broken).toEqual({ seq: 3, kind: 'out_of_order' });
    expect(headFaults(headOf(chain), second, TENANT, sealer)).toMatchObject([{ number: 3, kind: 'cut_off' }]);
  });
});

describe('a seal', () => {
  it('of one kind, tenant, place or secret is not taken for another', () => {
    const sealed = { what: 'head', tenantId: TENANT, seq: 3, hash: 'h' } as const;
    const seal = sealer.seal(sealed);
    expect(sealer.isGenuine(sealed, seal)).toBe(true);
    for (const other of [
      { ...sealed, what: 'checkpoint' as const },
      { ...sealed, tenantId: 'ten_b' },
      { ...sealed, seq: 4 },
      { ...sealed, hash: 'g' },
    ])
      expect(sealer.isGenuine(other, seal)).toBe(false);
    const stranger = new Sealer({ keySigningSecret: 'another-test-only-secret-of-32-characters' });
    expect(stranger.isGenuine(sealed, seal)).toBe(false);
    for (const broken of ['', '.', '1.', `2${seal.slice(1)}`, `${seal}0`])
      expect(sealer.isGenuine(sealed, broken)).toBe(false);
  });

  it('of an older secret is accepted as long as that is listed', () => {
    const old = 'test-only-secret-of-more-than-32-characters';
    const both = new Sealer({ keySigningSecret: `2:new-test-only-secret-of-32-characters-x,1:${old}` });
    const sealed = { what: 'head', tenantId: TENANT, seq: 3, hash: 'h' } as const;
    expect(both.isGenuine(sealed, sealer.seal(sealed))).toBe(true);
    expect(both.seal(sealed).startsWith('2.')).toBe(true);
  });
});

describe('the copy', () => {
  it('in which any entry was changed, taken or added is told from the chain', () => {
    fc.assert(
      fc.property(entries, newEntry, fc.nat(), (all, forged, at) => {
        const chain = chainOf(TENANT, all);
        const index = at % chain.length;
        const entry = chain[index] as AuditEntry;
        expect(copyFaults(chain, chain)).toEqual([]);
        expect(copyFaults(chain, chain.toSpliced(index, 1))).toMatchObject([
          { number: index + 1, kind: 'missing', where: 'copy' },
        ]);
        expect(copyFaults(chain, chain.with(index, { ...entry, action: `${entry.action}!` }))).toMatchObject([
          { number: index + 1, kind: 'changed', where: 'copy' },
        ]);
        const place = index === 0 ? beginningOf(TENANT) : (chain[index - 1] as ChainPlace);
        expect(copyFaults(chain, chain.with(index, link(forged, place)))).toHaveLength(1);
        expect(copyFaults(chain, [...chain, link(forged, chain.at(-1) as ChainPlace)])).toMatchObject([
          { number: chain.length + 1, kind: 'out_of_order' },
        ]);
      }),
      RUNS,
    );
  });
});

describe('an export', () => {
  it.each([
    ['=HYPERLINK("http://x")', '"\'=HYPERLINK(""http://x"")"'],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\tx', "'\tx"],
    ['a,b', '"a,b"'],
    ['a\r\nb', '"a\r\nb"'],
    ['a"b', '"a""b"'],
    [null, ''],
    [0, '0'],
  ])('writes %j so that a spreadsheet takes it for text', (value, field) => {
    expect(csvField(value)).toBe(field);
  });
});

describe('what changed', () => {
  it('is told by name, without a value', () => {
    expect(changedFields({ a: 1, b: { c: 1 }, d: 1 }, { a: 1, b: { c: 2 }, e: 1 })).toEqual(['b', 'd', 'e']);
    expect(changedFields(undefined, { a: 1 })).toBeNull();
  });
});

function entry(id: string): NewAuditEntry {
  return {
    id,
    at: 0,
    actor: { type: 'user', id: 'usr_1', userId: 'usr_1' },
    action: 'thing.done',
    target: { type: 'thing', id: '1' },
    before: null,
    after: null,
    changed: null,
    requestId: null,
    ip: null,
    country: null,
    userAgent: null,
    risk: null,
  };
}
