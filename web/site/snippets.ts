import { byId, element } from './dom.ts';

interface Snippet {
  readonly id: string;
  readonly title: string;
  readonly note: string;
  readonly code: string;
}

/** Ways to connect, with this server's address in place. `YOUR_KEY` stays: a page never holds a key. */
function snippets(origin: string): readonly Snippet[] {
  const body = '{"prompt": "Should a small team use microservices?", "merge": {"strategy": "consensus"}}';
  return [
    {
      id: 'claude-code',
      title: 'Claude Code',
      note: 'Run once in a terminal; then ask for a second opinion in any session.',
      code: `claude mcp add --transport http parallax ${origin}/mcp \\\n  --header "Authorization: Bearer YOUR_KEY"`,
    },
    {
      id: 'mcp-json',
      title: 'MCP clients',
      note: 'For Cursor, VS Code, Cline and others that read a JSON file. The file’s name and place differ by client; see docs/mcp.md.',
      code: JSON.stringify(
        {
          mcpServers: {
            parallax: { type: 'http', url: `${origin}/mcp`, headers: { Authorization: 'Bearer YOUR_KEY' } },
          },
        },
        null,
        2,
      ),
    },
    {
      id: 'curl',
      title: 'curl',
      note: 'The finished run. Add "stream": true for events as they come.',
      code: `curl ${origin}/v1/perspectives \\\n  -H "authorization: Bearer YOUR_KEY" \\\n  -H "content-type: application/json" \\\n  -d '${body}'`,
    },
    {
      id: 'typescript',
      title: 'TypeScript',
      note: 'Nothing to install.',
      code: `const response = await fetch('${origin}/v1/perspectives', {\n  method: 'POST',\n  headers: { authorization: 'Bearer YOUR_KEY', 'content-type': 'application/json' },\n  body: JSON.stringify({\n    prompt: 'Should a small team use microservices?',\n    merge: { strategy: 'consensus' },\n  }),\n});\nconst run = await response.json();\nfor (const { model, content } of run.perspectives) console.log(model, content);\nconsole.log(run.merge.content);`,
    },
    {
      id: 'python',
      title: 'Python',
      note: 'With the requests package.',
      code: `import requests\n\nrun = requests.post(\n    "${origin}/v1/perspectives",\n    headers={"authorization": "Bearer YOUR_KEY"},\n    json={\n        "prompt": "Should a small team use microservices?",\n        "merge": {"strategy": "consensus"},\n    },\n).json()\nfor perspective in run["perspectives"]:\n    print(perspective["model"], perspective["content"])\nprint(run["merge"]["content"])`,
    },
  ];
}

/** Fills the tabs. Arrow keys move between them, as the ARIA pattern for tabs asks. */
export function setUpSnippets(origin: string): void {
  const list = byId('tabs', HTMLDivElement);
  const panel = byId('snippet', HTMLDivElement);
  const all = snippets(origin);
  const tabs = all.map((snippet) => {
    const tab = element('button', '', snippet.title);
    tab.type = 'button';
    tab.id = `tab-${snippet.id}`;
    tab.setAttribute('role', 'tab');
    tab.setAttribute('aria-controls', panel.id);
    return tab;
  });
  const select = (index: number) => {
    const snippet = all[index];
    if (snippet === undefined) return;
    tabs.forEach((tab, other) => {
      tab.setAttribute('aria-selected', String(other === index));
      tab.tabIndex = other === index ? 0 : -1;
    });
    panel.setAttribute('aria-labelledby', `tab-${snippet.id}`);
    const copy = element('button', 'quiet copy', 'Copy');
    copy.type = 'button';
    copy.addEventListener('click', async () => {
      await navigator.clipboard.writeText(snippet.code);
      copy.textContent = 'Copied';
      setTimeout(() => {
        copy.textContent = 'Copy';
      }, 1500);
    });
    const code = element('pre', '', element('code', '', snippet.code));
    code.tabIndex = 0;
    panel.replaceChildren(element('div', 'head', element('p', '', snippet.note), copy), code);
  };
  tabs.forEach((tab, index) => {
    tab.addEventListener('click', () => select(index));
    tab.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step === undefined) return;
      const next = (index + step + tabs.length) % tabs.length;
      select(next);
      tabs[next]?.focus();
    });
  });
  list.replaceChildren(...tabs);
  select(0);
}
