import { copyFileSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** The pages, as static files that the Worker serves. */
export default defineConfig({
  root: path('./site'),
  publicDir: path('./public'),
  plugins: [react(), tailwindcss(), withoutWrittenStyles(), referenceRenderer()],
  build: {
    outDir: path('../dist/web'),
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    // An inlined font or script would need a weaker content security policy.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: {
      input: {
        index: path('./site/index.html'),
        docs: path('./site/docs/index.html'),
        app: path('./site/app/index.html'),
      },
    },
  },
});

/** The reference page's renderer is taken as its maker ships it: one file, loaded by that page alone. */
function referenceRenderer(): Plugin {
  return {
    name: 'reference-renderer',
    writeBundle() {
      mkdirSync(path('../dist/web/assets'), { recursive: true });
      copyFileSync(
        path('../node_modules/@scalar/api-reference/dist/browser/standalone.js'),
        path('../dist/web/assets/reference.js'),
      );
    },
  };
}

/** sonner writes its styles into the page by script, which the content security policy does not allow; they come from its own file instead. */
function withoutWrittenStyles(): Plugin {
  return {
    name: 'without-written-styles',
    transform(code, id) {
      if (!id.includes('/sonner/dist/index.mjs')) return null;
      const without = code.replace(/^__insertCSS\("(?:[^"\\]|\\.)*"\);?$/m, '');
      if (without === code)
        throw new Error('sonner writes its styles in another way now: see web/vite.config.ts');
      return { code: without, map: null };
    },
  };
}
