import {
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerCapabilities,
} from '@modelcontextprotocol/server';
import pkg from '../../../package.json' with { type: 'json' };
import { allows } from '../../contracts/permissions.ts';
import { ParallaxError } from '../../platform/errors.ts';
import type { Prompt } from '../prompts.ts';
import type { McpRequest } from '../tool.ts';
import { INSTRUCTIONS, SERVER_TITLE } from '../wording.ts';
import { callTool, defect } from './call-tool.ts';
import type { Exchange } from './exchange.ts';
import { completeResource, listResources, listTemplates, readResource } from './read-resource.ts';
import { TASKS_EXTENSION } from './task-view.ts';
import { serveTasks } from './tasks.ts';

/** How long a client of 2026-07-28 may keep what does not change between deployments. What is listed depends on the bearer's scopes. */
const LISTS = { ttlMs: 5 * 60 * 1000, cacheScope: 'private' } as const;

/**
 * The server of one exchange, fresh for each request as the stateless handler demands. It is the SDK's `Server` and not its `McpServer`, because what is
 * listed depends on the bearer, schemas are made once an isolate instead of once a request, and tasks need results that `McpServer` has no word for.
 */
export function createServer(exchange: Exchange): Server {
  const { era, principal, offer } = exchange;
  const runs = allows(principal, 'perspectives:read');
  const server = new Server(
    { name: 'parallax', title: SERVER_TITLE, version: pkg.version },
    {
      capabilities: capabilitiesOf(exchange, runs),
      instructions: INSTRUCTIONS,
      cacheHints: {
        'tools/list': LISTS,
        'prompts/list': LISTS,
        'resources/templates/list': LISTS,
        'server/discover': LISTS,
        'resources/list': { ttlMs: 0, cacheScope: 'private' },
      },
    },
  );

  server.setRequestHandler('tools/list', () => ({
    // Only what the bearer may call is listed, because every schema is paid for.
    tools: offer.tools
      .filter(({ permission }) => allows(principal, permission))
      .map((tool) => ({
        name: tool.name,
        title: tool.title,
        description: tool.description,
        inputSchema: tool.inputSchema(),
        ...(tool.outputSchema === undefined ? {} : { outputSchema: tool.outputSchema() }),
        annotations: tool.annotations,
        ...(tool.long && era === 'legacy' ? { execution: { taskSupport: 'optional' as const } } : {}),
      })),
  }));
  server.setRequestHandler('tools/call', ({ params }, { mcpReq }) => callTool(params, mcpReq, exchange));

  // The prompts are about get_perspectives: who cannot call it has no use for them.
  const prompts = runs ? offer.prompts : [];
  server.setRequestHandler('prompts/list', () => ({
    prompts: prompts.map((prompt) => ({
      name: prompt.name,
      title: prompt.title,
      description: prompt.description,
      arguments: prompt.arguments.map((argument) => ({ ...argument })),
    })),
  }));
  server.setRequestHandler('prompts/get', ({ params }, { mcpReq }) => {
    const prompt = prompts.find(({ name }) => name === params.name);
    if (prompt === undefined) {
      const names = prompts.map(({ name }) => name).join(', ');
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        `There is no prompt "${params.name.slice(0, 100)}". There are: ${names}.`,
      );
    }
    return getPrompt(prompt, params.arguments, mcpReq, exchange);
  });

  server.setRequestHandler('resources/list', async () => ({ resources: await listResources(exchange) }));
  server.setRequestHandler('resources/templates/list', () => ({
    resourceTemplates: listTemplates(exchange),
  }));
  server.setRequestHandler('resources/read', ({ params }) => readResource(params.uri, exchange));
  server.setRequestHandler('completion/complete', async ({ params: { ref, argument } }) =>
    ref.type === 'ref/resource'
      ? await completeResource(ref.uri, argument.name, argument.value, exchange)
      : { completion: { values: [], total: 0, hasMore: false } },
  );

  if (runs) serveTasks(server, exchange);
  server.onerror = (error) => exchange.log.warn('the MCP server reported an error', { error });
  return server;
}

function getPrompt(prompt: Prompt, given: unknown, request: McpRequest, exchange: Exchange) {
  try {
    return prompt.get(given, request);
  } catch (thrown) {
    if (thrown instanceof ParallaxError)
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, thrown.message);
    throw defect(thrown, 'a prompt could not be made', exchange);
  }
}

/** Nothing changes while a client is connected, so no change is announced: `listChanged` and `subscribe` stay unset. */
function capabilitiesOf({ era }: Exchange, runs: boolean): ServerCapabilities {
  const capabilities: ServerCapabilities = { tools: {}, prompts: {}, resources: {}, completions: {} };
  if (!runs) return capabilities;
  if (era === 'modern') return { ...capabilities, extensions: { [TASKS_EXTENSION]: {} } };
  return { ...capabilities, tasks: { cancel: {}, requests: { tools: { call: {} } } } };
}
