import { PROMPTS, type Prompt } from './prompts.ts';
import { documentResources } from './resources/documents.ts';
import { modelResources } from './resources/models.ts';
import type { ResourceKind } from './resources/resource.ts';
import { runResources } from './resources/runs.ts';
import type { Tool } from './tool.ts';
import { TOOLS } from './tools/index.ts';

/** What a server offers. How it is listed, called, read, refused and reported is the same whatever it is. */
export interface Offer {
  /** In the order in which clients show them. */
  readonly tools: readonly Tool[];
  readonly prompts: readonly Prompt[];
  /** An address is read by the first kind that knows it. */
  readonly resources: readonly ResourceKind[];
}

/** What this application offers. */
export const PARALLAX_OFFER: Offer = {
  tools: TOOLS,
  prompts: PROMPTS,
  resources: [runResources, modelResources, documentResources],
};
