import type { TestProject } from 'vitest/node';
import { createLocalModels } from '../local-models/server.ts';
import { createPages } from '../strangers-pages/server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    localModelsUrl: string;
    /** Two servers of the same pages: two origins. */
    strangersPages: readonly [string, string];
  }
}

/** One local model server for the run of the worker tests: no waiting between tokens, no waiting after a 429. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const models = await createLocalModels({ port: 0, retryAfterSeconds: 0, tokenDelayMs: 0 });
  const pages = [await createPages(), await createPages()] as const;
  project.provide('localModelsUrl', models.url);
  project.provide('strangersPages', [pages[0].url, pages[1].url]);
  return async () => {
    await Promise.all([models.close(), ...pages.map((one) => one.close())]);
  };
}
