/** Routing: which model serves a request. What the gateway, the MCP app, the usage consumer and cron may use. */
import type { Operation } from '../../platform/http/operation.ts';
import { createPanelOperation } from './routes/create-panel.ts';
import { createRoutingRule } from './routes/create-rule.ts';
import { deletePanelOperation } from './routes/delete-panel.ts';
import { deleteRoutingRule } from './routes/delete-rule.ts';
import { getPanelOperation } from './routes/get-panel.ts';
import { getRoutingRule } from './routes/get-rule.ts';
import { getRoutingSettings } from './routes/get-settings.ts';
import { listPanelsOperation } from './routes/list-panels.ts';
import { listRoutingRules } from './routes/list-rules.ts';
import { replacePanelOperation } from './routes/put-panel.ts';
import { replaceRoutingRule } from './routes/put-rule.ts';
import { putRoutingSettings } from './routes/put-settings.ts';
import { resolveRoute } from './routes/resolve.ts';
import { testRoutingRule } from './routes/test-rule.ts';

export { type AnswerLengths, USUAL_LENGTHS } from './answer-lengths.ts';
export { routeExplicit } from './explicit.ts';
export type { WaitUntil } from './kept.ts';
export { learnedStatements } from './learned-statements.ts';
export { refreshFigures } from './load-figures.ts';
export { loadAnswerLengths, refreshAnswerLengths } from './load-lengths.ts';
export type { PromptFeatures } from './prompt-features.ts';
export { resolve } from './resolve.ts';
export { AUTO, PANEL_PREFIX, type Route, type RouteExplanation, type RouteRequest } from './route.ts';
export { routeHeader } from './route-header.ts';
export {
  createRouter,
  createRouterWith,
  type Router,
  type RouterDependencies,
  type RouterSources,
} from './router.ts';
export type { TaskGuess } from './task/classify.ts';
export { NOTHING_SET, type Panel, type TenantRouting } from './tenant-routing.ts';

export const routingOperations: readonly Operation[] = [
  resolveRoute,
  createRoutingRule,
  listRoutingRules,
  testRoutingRule,
  getRoutingRule,
  replaceRoutingRule,
  deleteRoutingRule,
  createPanelOperation,
  listPanelsOperation,
  getPanelOperation,
  replacePanelOperation,
  deletePanelOperation,
  getRoutingSettings,
  putRoutingSettings,
];
