/** The MCP server: everything under `/mcp`. The app imports this when the first such request comes. */
export { handleMcp, type McpDependencies } from './handle-mcp.ts';
