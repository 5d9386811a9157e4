import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePages, projectSettings, startLocalServer } from './local/server.ts';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');
const folder = join(root, '.parallax');

/** `npm run dev`: everything on this machine, with no account, key or network. */
async function main(): Promise<void> {
  const port = Number(process.env.PORT ?? 8787);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`PORT is "${process.env.PORT}"; it must be a number from 1 to 65535.`);
  }
  const settings = await projectSettings(root);
  await ensurePages(root);
  const server = await startLocalServer({
    root,
    port,
    folder,
    state: join(root, '.wrangler/state'),
    settings,
    tokenDelayMs: 15,
    retryAfterSeconds: 1,
    // What the Worker logs, and what is an error; not wrangler's remarks about local development.
    onLine: (line) => {
      if (line.startsWith('{') || /error|✘/i.test(line)) console.log(line);
    },
  });

  const real = Object.keys(settings).filter((name) => /KEY|TOKEN|OLLAMA/.test(name));
  console.log(`
Parallax is running.

  Page          ${server.baseUrl}
  API           ${server.baseUrl}/v1        reference: ${server.baseUrl}/docs
  MCP           ${server.mcpUrl}
  API key       ${server.apiKey}
  Sign in       ${server.baseUrl}/sign-in   as ${server.email} with ${server.password}
  Mailbox       ${server.baseUrl}/dev/mailbox
  Payments      ${server.localStripeUrl === null ? 'Stripe, with your key' : `the local Stripe at ${server.localStripeUrl}: no money moves`}
  Models        ${real.length === 0 ? 'local stand-ins (put a provider key into .dev.vars for real ones)' : `local stand-ins, and those of ${real.join(', ')}`}

  Try it:
  curl -s ${server.baseUrl}/v1/perspectives -H "authorization: Bearer $(node -p "require('./.parallax/dev.json').apiKey")" \\
    -H 'content-type: application/json' -d '{"prompt":"Should a small team use microservices?","merge":{"strategy":"consensus"}}'

  The same figures are in .parallax/dev.json. Stop with Ctrl+C.
`);

  const stop = async () => {
    await server.close();
    process.exit(0);
  };
  process.on('SIGINT', () => void stop());
  process.on('SIGTERM', () => void stop());
  console.error(await server.ended);
  await server.close();
  process.exit(1);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
