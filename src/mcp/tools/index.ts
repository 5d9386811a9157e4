import type { Principal } from '../../contracts/principal.ts';
import type { Tool } from '../tool.ts';
import { getPerspectives } from './get-perspectives.ts';
import { listModels } from './list-models.ts';
import { mergeResponses } from './merge-responses.ts';
import { searchDocumentation } from './search-documentation.ts';

/** Every tool of the contract that this deployment has, in the order in which clients show them. */
export const TOOLS: readonly Tool[] = [getPerspectives, listModels, mergeResponses, searchDocumentation];

/** The tools that a principal may call: only these are listed, because every schema is paid for. */
export function toolsFor(principal: Principal): readonly Tool[] {
  return TOOLS.filter((tool) => tool.scope === null || principal.scopes.includes(tool.scope));
}
