import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { z } from 'zod';
import type { creditsSchema } from '../../../src/contracts/credits.ts';
import { get } from '../api.ts';
import { PageHead, Snippet } from '../parts.tsx';

const USD = new Intl.NumberFormat('en-US', {
  style: 'currency',
  currency: 'USD',
  minimumFractionDigits: 2,
  maximumFractionDigits: 6,
});

/** How to connect, with this deployment's own addresses. */
export function Overview() {
  const { origin } = window.location;
  const credits = useQuery({
    queryKey: ['credits'],
    queryFn: () => get<z.infer<typeof creditsSchema>>('/v1/credits'),
  });
  return (
    <>
      <PageHead title="Overview" purpose="Connect what you work with; what it costs stands here." />
      <section className="stats" aria-label="Credit">
        <div>
          <span className="faint">Available</span>
          <strong>{credits.data === undefined ? '…' : USD.format(credits.data.available_usd)}</strong>
        </div>
        <div>
          <span className="faint">Held for calls under way</span>
          <strong>{credits.data === undefined ? '…' : USD.format(credits.data.reserved_usd)}</strong>
        </div>
      </section>
      <h2>A coding agent</h2>
      <p>The address is enough: the agent opens this browser and asks you.</p>
      <Snippet title="Claude Code" text={`claude mcp add --transport http parallax ${origin}/mcp`} />
      <Snippet
        title="Any client that reads JSON"
        text={JSON.stringify({ mcpServers: { parallax: { url: `${origin}/mcp` } } }, null, 2)}
      />
      <h2>A program</h2>
      <p>
        Any client of OpenAI’s or Anthropic’s API, with an <Link to="/keys">API key</Link>.
      </p>
      <Snippet
        title="Python"
        text={`from openai import OpenAI\n\nclient = OpenAI(base_url="${origin}/v1", api_key="plx_sk_…")\nanswer = client.chat.completions.create(\n    model="parallax/consensus",\n    messages=[{"role": "user", "content": "Tabs or spaces?"}],\n)`}
      />
    </>
  );
}
