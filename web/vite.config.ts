import { copyFileSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** The pages, as static files that the Worker serves. */
export default defineConfig({
  root: path('./site'),
  publicDir: path('./public'),
  plugins: [
    react(),
    {
      // The reference page's renderer is taken as its maker ships it: one file, loaded by that page alone.
      name: 'reference-renderer',
      writeBundle() {
        mkdirSync(path('../dist/web/assets'), { recursive: true });
        copyFileSync(
          path('../node_modules/@scalar/api-reference/dist/browser/standalone.js'),
          path('../dist/web/assets/reference.js'),
        );
      },
    },
  ],
  build: {
    outDir: path('../dist/web'),
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    // An inlined font or script would need a weaker content security policy.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: {
        index: path('./site/index.html'),
        docs: path('./site/docs/index.html'),
        app: path('./site/app/index.html'),
      },
    },
  },
});
