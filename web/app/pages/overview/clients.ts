/** How each client is told of this deployment's MCP address. The texts are those of `docs/clients.md`. Pure. */

export interface ClientSetup {
  readonly id: string;
  readonly title: string;
  /** What to do, before the text and after it. */
  readonly before: string;
  readonly code: string;
  readonly language: 'sh' | 'json' | 'toml';
  readonly after?: string;
}

const json = (value: unknown) => JSON.stringify(value, null, 2);

export function clientSetups(mcpUrl: string): readonly ClientSetup[] {
  const local = /^http:\/\/(?:localhost|127\.0\.0\.1)/.test(mcpUrl);
  return [
    {
      id: 'claude-code',
      title: 'Claude Code',
      before: 'In a terminal:',
      code: `claude mcp add --transport http parallax ${mcpUrl}`,
      language: 'sh',
      after: 'Then /mcp inside Claude Code, parallax, Authenticate.',
    },
    {
      id: 'claude-desktop',
      title: 'Claude Desktop',
      before: local
        ? 'Its connectors reach public addresses only. For one on your machine, in claude_desktop_config.json (Settings, Developer, Edit Config):'
        : 'Settings, Connectors, Add custom connector, and this address:',
      code: local
        ? json({ mcpServers: { parallax: { command: 'npx', args: ['-y', 'mcp-remote', mcpUrl] } } })
        : mcpUrl,
      language: local ? 'json' : 'sh',
    },
    {
      id: 'cursor',
      title: 'Cursor',
      before: 'In ~/.cursor/mcp.json, or .cursor/mcp.json in a project:',
      code: json({ mcpServers: { parallax: { url: mcpUrl } } }),
      language: 'json',
      after: 'Then Settings, MCP, Connect.',
    },
    {
      id: 'vs-code',
      title: 'VS Code',
      before: 'In .vscode/mcp.json. It asks you to sign in when it starts the server:',
      code: json({ servers: { parallax: { type: 'http', url: mcpUrl } } }),
      language: 'json',
    },
    {
      id: 'cline',
      title: 'Cline',
      before: 'MCP Servers, Configure, Configure MCP Servers; then Authenticate beside the server:',
      code: json({ mcpServers: { parallax: { type: 'streamableHttp', url: mcpUrl, timeout: 60 } } }),
      language: 'json',
    },
    {
      id: 'codex',
      title: 'Codex',
      before: 'In a terminal:',
      code: `codex mcp add parallax --url ${mcpUrl}\ncodex mcp login parallax`,
      language: 'sh',
      after:
        'Set tool_timeout_sec = 60 in ~/.codex/config.toml: several models may take longer than Codex waits by itself.',
    },
    {
      id: 'gemini',
      title: 'Gemini CLI',
      before: 'In a terminal:',
      code: `gemini mcp add --transport http parallax ${mcpUrl}`,
      language: 'sh',
      after: 'Then /mcp auth parallax inside Gemini CLI.',
    },
    {
      id: 'other',
      title: 'Another',
      before: 'Most read something like this. A client that cannot open a browser also gets an API key:',
      code: json({
        mcpServers: {
          parallax: { type: 'http', url: mcpUrl, headers: { Authorization: 'Bearer YOUR_API_KEY' } },
        },
      }),
      language: 'json',
    },
  ];
}

/** The same question over HTTP. */
export function restSetups(origin: string): readonly ClientSetup[] {
  return [
    {
      id: 'curl',
      title: 'curl',
      before: 'One question, several models, and where they agree:',
      code: `curl ${origin}/v1/perspectives \\\n  -H "authorization: Bearer $PARALLAX_API_KEY" \\\n  -H 'content-type: application/json' \\\n  -d '{"prompt": "Tabs or spaces?", "merge": {"strategy": "consensus"}}'`,
      language: 'sh',
    },
    {
      id: 'openai',
      title: 'OpenAI client',
      before: 'Any client of OpenAI’s API, with another address and key:',
      code: `OPENAI_BASE_URL=${origin}/v1\nOPENAI_API_KEY=$PARALLAX_API_KEY`,
      language: 'sh',
      after: 'The model parallax/consensus asks several at once; auto chooses one.',
    },
    {
      id: 'anthropic',
      title: 'Anthropic client',
      before: 'Any client of Anthropic’s API, Claude Code among them:',
      code: `ANTHROPIC_BASE_URL=${origin}\nANTHROPIC_API_KEY=$PARALLAX_API_KEY`,
      language: 'sh',
    },
  ];
}
