import { describe, expect, it } from 'vitest';
import { createLogger } from '../../platform/log.ts';
import { discoverModels } from './discover.ts';
import { answering, withServer } from './http-fixture.ts';
import { unlisted } from './overlay.ts';

async function discover(settings: Record<string, string>, before?: Parameters<typeof discoverModels>[1]) {
  const lines: string[] = [];
  const log = createLogger({}, (_, line) => lines.push(line));
  const found = await discoverModels({ settings, log, timeoutMs: 100 }, before);
  return { found, lines };
}

describe('models that only their servers know', () => {
  it('are those that Ollama has downloaded, free, with tiers by size', async () => {
    const tags = {
      models: [
        { name: 'llama3.2:latest', details: { parameter_size: '3.2B' } },
        { name: 'qwen3:32b', details: { parameter_size: '32.8B' } },
        { name: 'nomic-embed-text:latest', details: { parameter_size: '137M' } },
        { name: 'odd' },
      ],
    };
    const asked: (string | undefined)[] = [];
    await withServer(
      (request, response) => {
        asked.push(request.url);
        answering(tags)(request, response);
      },
      async (url) => {
        const { found } = await discover({ OLLAMA_BASE_URL: `${url}/v1/` });
        expect(found.get('ollama')?.map(({ id, tier, category }) => [id, tier, category])).toEqual([
          ['ollama/llama3.2:latest', 'eco', 'chat'],
          ['ollama/qwen3:32b', 'normal', 'chat'],
          ['ollama/nomic-embed-text:latest', 'eco', 'embedding'],
          ['ollama/odd', 'normal', 'chat'],
        ]);
        expect(found.get('ollama')?.every(({ prices }) => prices?.input === 0 && prices.output === 0)).toBe(
          true,
        );
        expect(found.get('ollama')?.[0]?.aliases).toEqual(['ollama/llama3.2']);
      },
    );
    expect(asked).toEqual(['/api/tags']);
  });

  it('are those that COMPATIBLE_MODELS names, without asking the server', async () => {
    const { found } = await discover({
      COMPATIBLE_BASE_URL: 'http://127.0.0.1:1/v1',
      COMPATIBLE_MODELS: 'one, org/two ,',
    });
    expect(found.get('compatible')?.map(({ id, prices }) => [id, prices])).toEqual([
      ['compatible/one', null],
      ['compatible/org/two', null],
    ]);
  });

  it('are those that an OpenAI-compatible server lists, asked with its key', async () => {
    const seen: (string | undefined)[] = [];
    await withServer(
      (request, response) => {
        seen.push(`${request.url} ${request.headers.authorization}`);
        answering({ object: 'list', data: [{ id: 'org/model', object: 'model' }] })(request, response);
      },
      async (url) => {
        const { found } = await discover({
          COMPATIBLE_BASE_URL: `${url}/v1`,
          COMPATIBLE_API_KEY: 'k1',
          LITELLM_BASE_URL: url,
          LITELLM_API_KEY: 'k2',
        });
        expect(
          [...found.values()]
            .flat()
            .map(({ id }) => id)
            .sort(),
        ).toEqual(['compatible/org/model', 'litellm/org/model']);
      },
    );
    expect(seen.sort()).toEqual(['/v1/models Bearer k1', '/v1/models Bearer k2']);
  });

  it.each([
    ['is away', undefined],
    ['answers an error', answering({}, 503)],
    ['answers nonsense', answering({ models: 'many' })],
    ['does not answer', () => undefined],
  ])('are those of before when the server %s, and the log says so', async (_, listener) => {
    const before = new Map([['ollama', [unlisted('ollama/kept')]]]);
    const check = async (url: string) => {
      const { found, lines } = await discover({ OLLAMA_BASE_URL: url }, before);
      expect(found.get('ollama')?.map(({ id }) => id)).toEqual(['ollama/kept']);
      expect(lines).toHaveLength(1);
      expect((await discover({ OLLAMA_BASE_URL: url })).found.get('ollama')).toEqual([]);
    };
    if (listener === undefined) await check('http://127.0.0.1:1');
    else await withServer(listener, check);
  });

  it('never carries a key along a redirect', async () => {
    const seen: (string | undefined)[] = [];
    await withServer(
      (request, response) => {
        seen.push(request.url);
        response.writeHead(307, { location: '/elsewhere' }).end();
      },
      (url) => discover({ COMPATIBLE_BASE_URL: url, COMPATIBLE_API_KEY: 'k' }),
    );
    expect(seen).toEqual(['/models']);
  });

  it('are none where no such server is set', async () => {
    expect((await discover({ OPENAI_API_KEY: 'x' })).found.size).toBe(0);
  });
});
