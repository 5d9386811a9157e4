import type { MiniflareOptions } from 'miniflare';

/** The date that Workers of the benchmark which are not Parallax have; no flags. */
const COMPATIBILITY_DATE = '2026-10-01';

/** The options of a Worker that is one small module with text bindings. */
export function scriptWorker(
  name: string,
  script: string,
  bindings: Readonly<Record<string, string>>,
): MiniflareOptions {
  return {
    workers: [
      {
        config: {
          name,
          compatibilityDate: COMPATIBILITY_DATE,
          manifest: {
            mainModule: 'worker.js',
            modulesRoot: '/',
            modules: { 'worker.js': { type: 'esm', contents: script } },
          },
          env: Object.fromEntries(
            Object.entries(bindings).map(([key, value]) => [key, { type: 'text', value } as const]),
          ),
        },
      },
    ],
  };
}
