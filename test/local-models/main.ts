/** `node test/local-models/main.ts [--port N]`: starts the local model server and prints its address. */
import { parseArgs } from 'node:util';
import { createLocalModels } from './server.ts';

function portFrom(text: string | undefined): number {
  if (text === undefined || text === '') return 0;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(
      `--port (or LOCAL_MODELS_PORT) must be a number from 0 to 65535, not ${JSON.stringify(text)}`,
    );
  return port;
}

const { values } = parseArgs({ options: { port: { type: 'string' } } });
const models = await createLocalModels({ port: portFrom(values.port ?? process.env.LOCAL_MODELS_PORT) });
console.log(`Local models at ${models.url}`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    models.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
}
