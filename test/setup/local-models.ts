import type { TestProject } from 'vitest/node';
import { createLocalModels } from '../local-models/server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    localModelsUrl: string;
  }
}

/** One local model server for the run of the worker tests: no waiting between tokens, no waiting after a 429. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const models = await createLocalModels({ port: 0, retryAfterSeconds: 0, tokenDelayMs: 0 });
  project.provide('localModelsUrl', models.url);
  return () => models.close();
}
