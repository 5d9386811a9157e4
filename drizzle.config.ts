import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'sqlite',
  schema: ['./src/features/*/schema.ts', './src/features/*/*/schema.ts', './src/platform/*/schema.ts'],
  out: process.env.MIGRATIONS_OUT ?? './migrations',
});
