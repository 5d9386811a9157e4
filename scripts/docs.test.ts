import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBudgetRequestSchema } from '../src/contracts/budgets.ts';
import { createApiKeyRequestSchema, rotateApiKeyRequestSchema } from '../src/contracts/identity.ts';
import { perspectivesRequestSchema } from '../src/contracts/perspectives.ts';
import {
  panelRequestSchema,
  providerPreferencesSchema,
  resolveRequestSchema,
  routingSettingsRequestSchema,
  ruleRequestSchema,
  ruleTestRequestSchema,
  TASKS,
} from '../src/contracts/routing.ts';
import {
  createProviderKeyRequestSchema,
  createVaultRequestSchema,
  createVaultSecretRequestSchema,
} from '../src/contracts/vault.ts';
import { PROVIDERS, providerSettingNames } from '../src/features/providers/index.ts';
import { ERROR_CODES } from '../src/platform/errors.ts';

const read = (path: string) => readFileSync(path, 'utf8');
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

describe('the documentation', () => {
  it('gives request bodies that the server takes', () => {
    const blocks = [...read('docs/perspectives.md').matchAll(/```json\n([\s\S]*?)```/g)].map(
      ([, body]) => JSON.parse(body ?? '') as unknown,
    );
    const curl = /-d '(\{.*\})'/.exec(read('README.md'))?.[1];
    expect(blocks.length).toBeGreaterThan(0);
    for (const body of [...blocks, JSON.parse(curl ?? '')])
      expect(() => perspectivesRequestSchema.parse(body)).not.toThrow();
  });

  it('gives bodies of provider keys, vaults and secrets that the server takes', () => {
    const bodies = [...read('docs/provider-keys.md').matchAll(/-d '(\{.*\})'/g)].map(
      ([, body]) => JSON.parse(body ?? '') as unknown,
    );
    const schemas = [
      createProviderKeyRequestSchema,
      createVaultRequestSchema,
      createVaultSecretRequestSchema,
    ] as const;
    expect(bodies).toHaveLength(schemas.length);
    for (const [index, schema] of schemas.entries()) expect(() => schema.parse(bodies[index])).not.toThrow();
  });

  it('gives a budget that the server takes', () => {
    const body = /-d '(\{.*\})'/.exec(read('docs/budgets.md'))?.[1];
    expect(() => createBudgetRequestSchema.parse(JSON.parse(body ?? ''))).not.toThrow();
  });

  it('gives bodies of keys that the server takes', () => {
    const [made, rotated] = [...read('docs/api-keys.md').matchAll(/```json\n([\s\S]*?)```/g)].map(
      ([, body]) => JSON.parse(body ?? '') as unknown,
    );
    expect(() => createApiKeyRequestSchema.parse(made)).not.toThrow();
    expect(() => rotateApiKeyRequestSchema.parse(rotated)).not.toThrow();
  });

  it('gives bodies of rules, panels, settings and preferences that the server takes', () => {
    const text = read('docs/routing.md');
    const parsed = (pattern: RegExp) =>
      [...text.matchAll(pattern)].map(([, body]) => JSON.parse(body ?? '') as Record<string, unknown>);
    const blocks = parsed(/```json\n([\s\S]*?)```/g);
    const [rule, trial, panel, chat] = blocks;
    expect(blocks).toHaveLength(4);
    expect(() => ruleRequestSchema.parse(rule)).not.toThrow();
    expect(() => ruleTestRequestSchema.parse(trial)).not.toThrow();
    expect(() => panelRequestSchema.parse(panel)).not.toThrow();
    expect(() => providerPreferencesSchema.parse(chat?.provider)).not.toThrow();
    const [resolve, settings] = parsed(/-d '(\{.*\})'/g);
    expect(() => resolveRequestSchema.parse(resolve)).not.toThrow();
    expect(() => routingSettingsRequestSchema.parse(settings)).not.toThrow();
    for (const task of TASKS) expect(text).toContain(`\`${task}\``);
  });

  describe('of clients', () => {
    const text = read('docs/clients.md');
    const CLIENTS = [
      'Claude Code',
      'Claude Desktop',
      'Cursor',
      'VS Code',
      'Cline',
      'Codex',
      'Gemini CLI',
      'MCP Inspector',
      'Any other client',
    ];

    it('has a section for each', () => {
      const sections = [...text.matchAll(/^## (.+)$/gm)].map(([, name]) => name);
      expect(sections).toEqual([...CLIENTS, 'When it does not connect']);
    });

    it('gives configurations that parse, with one server at the address in the member that the client reads', () => {
      const urlMember: Readonly<Record<string, string>> = { 'Gemini CLI': 'httpUrl' };
      for (const name of CLIENTS) {
        const section = text.split(`\n## ${name}\n`)[1]?.split('\n## ')[0] ?? '';
        for (const [, body] of section.matchAll(/```json\n([\s\S]*?)```/g)) {
          const config = JSON.parse(body ?? '') as Record<string, Record<string, Record<string, unknown>>>;
          const servers = config[name === 'VS Code' ? 'servers' : 'mcpServers'];
          const server = servers?.parallax ?? {};
          const address = server[urlMember[name] ?? 'url'] ?? (server.args as string[] | undefined)?.[2];
          expect([name, Object.keys(servers ?? {}), address]).toEqual([
            name,
            ['parallax'],
            'https://HOST/mcp',
          ]);
          const headers = (server.headers ?? {}) as Record<string, string>;
          for (const value of Object.values(headers)) expect(value).toMatch(/^Bearer \S+$/);
        }
        for (const [, body] of section.matchAll(/```toml\n([\s\S]*?)```/g))
          for (const line of (body ?? '').trim().split('\n'))
            expect(line).toMatch(/^(?:\[mcp_servers\.parallax\]|[a-z_]+ = (?:"[^"]*"|\d+))$/);
        for (const [, body] of section.matchAll(/```sh\n([\s\S]*?)```/g))
          for (const line of (body ?? '').trim().split('\n')) {
            expect(line).toMatch(/parallax|inspector/);
            expect((line.match(/"/g) ?? []).length % 2).toBe(0);
          }
        expect([name, /```/.test(section)]).toEqual([name, true]);
      }
    });

    it('shows the first of them in the README, the same', () => {
      const readme = read('README.md');
      for (const [, line] of readme.matchAll(/^((?:claude|codex|gemini) mcp add .*https:\/\/HOST\/mcp)$/gm))
        expect(text.split('\n')).toContain(line);
      const inline = /^\{ "servers".*\}$/m.exec(readme)?.[0] ?? '';
      expect(JSON.parse(inline)).toEqual({
        servers: { parallax: { type: 'http', url: 'https://HOST/mcp' } },
      });
    });
  });

  it('explains every error code, with its status, and no other', () => {
    const listed = [...read('docs/errors.md').matchAll(/^\| `(\w+)` \| (\d{3}) \|/gm)].map(
      ([, code, status]) => [code, Number(status)],
    );
    expect(Object.fromEntries(listed)).toEqual(
      Object.fromEntries(Object.entries(ERROR_CODES).map(([code, { status }]) => [code, status])),
    );
  });

  it('names every provider and every setting', () => {
    const models = read('docs/models.md');
    for (const { id } of PROVIDERS) expect(models, id).toContain(`\`${id}\``);
    for (const name of providerSettingNames) expect(models, name).toContain(`\`${name}\``);
    const configuration = read('docs/configuration.md');
    for (const [, name] of read('src/platform/config.ts').matchAll(/^ {2}([A-Z_]+):/gm))
      expect(configuration).toContain(`\`${name}\``);
  });

  it('links only to pages that exist', () => {
    for (const page of pages) {
      for (const [, target] of read(page).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)) {
        expect(existsSync(join(dirname(page), target ?? '')), `${page} → ${target}`).toBe(true);
      }
    }
  });

  it('has the two command lines, word for word', () => {
    const lines = read('README.md').split('\n');
    expect(lines.filter((line) => line === 'npm ci && npm run dev')).toHaveLength(1);
    expect(lines.filter((line) => line === 'npm ci && npm test')).toHaveLength(1);
  });
});
