import type { Tool } from '../tool.ts';
import { getPerspectives } from './get-perspectives.ts';
import { getUsage } from './get-usage.ts';
import { listModels } from './list-models.ts';
import { mergeResponses } from './merge-responses.ts';
import { resolveModel } from './resolve-model.ts';
import { searchDocumentation } from './search-documentation.ts';

/** Every tool of the contract that this deployment has, in the order in which clients show them. */
export const TOOLS: readonly Tool[] = [
  getPerspectives,
  listModels,
  resolveModel,
  mergeResponses,
  getUsage,
  searchDocumentation,
];
