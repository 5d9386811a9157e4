import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
  UnauthorizedError as ModernUnauthorized,
} from '@modelcontextprotocol/client';
import { UnauthorizedError as LegacyUnauthorized } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { AppOfATest } from './oauth-app.ts';
import { PersonAtABrowser } from './person-at-a-browser.ts';

/** The official clients, which know the URL and nothing else, and a person who allows them in. */

let person: PersonAtABrowser;

beforeAll(async () => {
  person = await PersonAtABrowser.signedUp(inject('baseUrl'));
});

const url = () => new URL(inject('mcpUrl'));

const RUN = { prompt: 'Is water wet?', models: ['local/swift', 'local/sage'] };

describe('the official client of earlier revisions (v1)', () => {
  it('comes in with nothing but the URL, calls a tool, and is out when it is disconnected', async () => {
    const app = new AppOfATest('Client v1');
    const transport = new LegacyTransport(url(), { authProvider: app });
    const client = new LegacyClient({ name: 'oauth-v1', version: '1' });
    await expect(client.connect(transport)).rejects.toBeInstanceOf(LegacyUnauthorized);
    const code = await person.allows(app.sentTo);
    await transport.finishAuth(code);

    const again = new LegacyClient({ name: 'oauth-v1', version: '1' });
    await again.connect(new LegacyTransport(url(), { authProvider: app }));
    const { tools } = await again.listTools();
    expect(tools.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['get_perspectives', 'list_models']),
    );
    const result = await again.callTool({ name: 'get_perspectives', arguments: RUN });
    expect(result.isError ?? false).toBe(false);
    expect(JSON.stringify(result.structuredContent)).toContain('local/sage');
    await again.close();

    await person.disconnects('Client v1');
    // What it still has is refused: the token, and then its renewal.
    const comesIn = () =>
      new LegacyClient({ name: 'oauth-v1', version: '1' })
        .connect(new LegacyTransport(url(), { authProvider: app }))
        .then(
          () => 'in',
          () => 'out',
        );
    await expect.poll(comesIn, { timeout: 10_000, interval: 1_000 }).toBe('out');
  });

  it('renews its token by itself', async () => {
    const app = new AppOfATest('Client that stays');
    const transport = new LegacyTransport(url(), { authProvider: app });
    await expect(
      new LegacyClient({ name: 'oauth-v1', version: '1' }).connect(transport),
    ).rejects.toBeInstanceOf(LegacyUnauthorized);
    await transport.finishAuth(await person.allows(app.sentTo));
    const before = app.tokens();
    app.spoilAccessToken();
    const client = new LegacyClient({ name: 'oauth-v1', version: '1' });
    await client.connect(new LegacyTransport(url(), { authProvider: app }));
    expect((await client.listTools()).tools.length).toBeGreaterThan(0);
    expect(app.tokens()?.refresh_token).not.toBe(before?.refresh_token);
    await client.close();
  });
});

describe('the official client of 2026-07-28 (v2)', () => {
  it('comes in with nothing but the URL and calls a tool', async () => {
    const app = new AppOfATest('Client v2');
    const transport = new ModernTransport(url(), { authProvider: app });
    const options = { versionNegotiation: { mode: 'auto' } } as const;
    const client = new ModernClient({ name: 'oauth-v2', version: '1' }, options);
    await expect(client.connect(transport)).rejects.toBeInstanceOf(ModernUnauthorized);
    const callback = await person.allowsWithIssuer(app.sentTo);
    await transport.finishAuth(new URLSearchParams(callback));

    const again = new ModernClient({ name: 'oauth-v2', version: '1' }, options);
    await again.connect(new ModernTransport(url(), { authProvider: app }));
    const result = await again.callTool({ name: 'list_models', arguments: {} });
    expect(JSON.stringify(result)).toContain('local/swift');
    await again.close();
  });
});

describe('a person who refuses', () => {
  it('keeps the app out: it is told so at its own address', async () => {
    const app = new AppOfATest('Unwanted');
    const transport = new LegacyTransport(url(), { authProvider: app });
    await expect(
      new LegacyClient({ name: 'oauth-v1', version: '1' }).connect(transport),
    ).rejects.toBeInstanceOf(LegacyUnauthorized);
    const back = await person.refuses(app.sentTo);
    expect(back.searchParams.get('error')).toBe('access_denied');
    expect(back.searchParams.get('code')).toBeNull();
  });
});
