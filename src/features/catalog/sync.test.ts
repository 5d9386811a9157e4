import type { RequestListener } from 'node:http';
import { findProvider } from '@pydantic/genai-prices';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../../platform/log.ts';
import { bundledSource } from './bundled/source.ts';
import { answering, withServer } from './http-fixture.ts';
import { chunksOf, type OverlayChange } from './overlay-store.ts';
import { differences, type SyncResult, syncModelsDev } from './sync.ts';

const { source } = bundledSource(findProvider, Date.parse('2026-11-20T12:00:00Z'));
const model = (id: string, more: object = {}) => ({ id, name: id, ...more });

/** Rows kept in memory, as D1 keeps them. */
function memory(rows = new Map<string, string>()) {
  const writes: OverlayChange[][] = [];
  return {
    rows,
    writes,
    target: {
      rows: async () => new Map(rows),
      write: async (changes: readonly OverlayChange[]) => {
        writes.push([...changes]);
        for (const { id, fields } of changes) {
          if (fields === null) rows.delete(id);
          else rows.set(id, fields);
        }
      },
    },
  };
}

async function syncFrom(
  listener: RequestListener,
  kept: ReturnType<typeof memory>,
  bounds: { timeoutMs?: number; maxBytes?: number } = {},
): Promise<{ result: SyncResult; lines: string[] }> {
  const lines: string[] = [];
  const log = createLogger({}, (_, line) => lines.push(line));
  const result = await withServer(listener, (url) =>
    syncModelsDev({ target: kept.target, bundled: source, clock: { now: () => 0 }, log, url, ...bounds }),
  );
  return { result, lines };
}

describe('the sync with models.dev', () => {
  it('writes what is new, then only what differs, then nothing', async () => {
    const kept = memory();
    const file = { openai: { models: { a: model('gpt-7'), b: model('gpt-7-mini') } } };
    expect((await syncFrom(answering(file), kept)).result).toEqual({ written: 2, withdrawn: 0 });
    expect((await syncFrom(answering(file), kept)).result).toEqual({ written: 0, withdrawn: 0 });
    const changed = {
      openai: { models: { a: model('gpt-7'), b: model('gpt-7-mini', { status: 'deprecated' }) } },
    };
    expect((await syncFrom(answering(changed), kept)).result).toEqual({ written: 1, withdrawn: 0 });
    expect(kept.writes.map((changes) => changes.length)).toEqual([2, 1]);
    expect(kept.rows.get('openai/gpt-7-mini')).toContain('"deprecated":true');
  });

  it('takes back what is no longer listed', async () => {
    const kept = memory(
      new Map([
        ['openai/a', '{}'],
        ['openai/b', '{}'],
        ['openai/c', '{}'],
      ]),
    );
    const file = { openai: { models: { a: model('a'), b: model('b') } } };
    expect((await syncFrom(answering(file), kept)).result.withdrawn).toBe(1);
    expect([...kept.rows.keys()]).toEqual(['openai/a', 'openai/b']);
  });

  it('takes nothing back on the word of a file that has lost most of its models', async () => {
    const kept = memory(new Map(Array.from({ length: 10 }, (_, i) => [`openai/m${i}`, '{}'])));
    const { result, lines } = await syncFrom(answering({ openai: { models: { a: model('m0') } } }), kept);
    expect(result).toEqual({ written: 1, withdrawn: 0 });
    expect(kept.rows.size).toBe(10);
    expect(lines.join()).toContain('none was taken back');
  });

  it('keeps no row for another name of a bundled model', async () => {
    const kept = memory();
    const file = {
      anthropic: { models: { a: model('claude-opus-4-5-20251101'), b: model('claude-opus-4-5') } },
    };
    await syncFrom(answering(file), kept);
    expect([...kept.rows.keys()]).toEqual(['anthropic/claude-opus-4-5']);
  });

  it.each<[string, RequestListener, { timeoutMs?: number; maxBytes?: number }]>([
    ['fails', answering({ error: 'no' }, 500), {}],
    [
      'redirects elsewhere',
      (_, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      {},
    ],
    ['is not JSON', answering('<html>'), {}],
    ['is another JSON', answering([1, 2, 3]), {}],
    ['is too large', answering({ openai: { models: { a: model('a'.repeat(100)) } } }), { maxBytes: 50 }],
    ['never ends', (_, response) => void response.writeHead(200).write('{'), { timeoutMs: 60 }],
    ['never answers', () => undefined, { timeoutMs: 60 }],
    ['hangs up', (request) => void request.socket.destroy(), {}],
  ])('leaves the rows as they are, and says so, when the server %s', async (_, listener, bounds) => {
    const kept = memory(new Map([['openai/a', '{}']]));
    const { result, lines } = await syncFrom(listener, kept, bounds);
    expect(result).toEqual({ written: 0, withdrawn: 0 });
    expect(kept.writes).toEqual([]);
    expect(lines.filter((line) => line.includes('"level":"warn"'))).toHaveLength(1);
  });
});

describe('the differences', () => {
  it('are none between equal lists, and each change once', () => {
    const listed = [{ id: 'openai/a', fields: { name: 'A' } }];
    expect(differences(new Map([['openai/a', '{"name":"A"}']]), listed).changes).toEqual([]);
    expect(differences(new Map(), [...listed, ...listed]).changes).toEqual([
      { id: 'openai/a', fields: '{"name":"A"}' },
    ]);
    expect(differences(new Map(), []).suspicious).toBe(false);
  });
});

describe('rows on their way to the database', () => {
  it('travel in values within D1’s bound, all of them, in order', () => {
    const changes = Array.from({ length: 3000 }, (_, i) => ({ id: `p/${i}`, fields: 'x'.repeat(900) }));
    const chunks = chunksOf(changes);
    expect(chunks.length).toBeGreaterThan(1);
    for (const chunk of chunks) expect(chunk.length).toBeLessThan(1_000_000);
    expect(chunks.flatMap((chunk) => JSON.parse(chunk) as OverlayChange[])).toEqual(changes);
    expect(chunksOf([])).toEqual([]);
  });
});
