import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readVars } from './local/vars.ts';
import { answerText } from './operator-answer.ts';
import { callOperator, OperatorError } from './operator-client.ts';
import { HELP, isLocal, operatorUrl, readOperatorCommand, UsageError } from './operator-command.ts';

const folder = fileURLToPath(new URL('../.parallax/', import.meta.url));

/** What commands that work in pages answer besides. */
interface Progress {
  readonly remaining?: boolean;
  readonly failed?: number;
  /** Differences. */
  readonly found?: number;
  /** Where the next page begins. */
  readonly next_after?: string | null;
}

/** `npm run operator -- …`: tenants and API keys of a deployment, over the operator's routes. Returns the exit status. */
async function main(argv: readonly string[]): Promise<number> {
  try {
    const command = readOperatorCommand(argv);
    if (command.kind === 'help') {
      console.log(HELP);
      return 0;
    }
    const url = operatorUrl(command.url ?? localUrl() ?? 'http://localhost:8787');
    const token = command.token ?? (process.env.OPERATOR_TOKEN?.trim() || localToken(url));
    if (token === undefined || token === '') {
      throw new UsageError(
        'The operator’s token is missing: set OPERATOR_TOKEN, or give --token. It is the OPERATOR_TOKEN of the deployment.',
      );
    }
    let next = command;
    let failed = false;
    for (;;) {
      const answer = await callOperator(url, token, next);
      console.log(command.json ? JSON.stringify(answer, null, 2) : answerText(command.command, answer));
      const { remaining, failed: some = 0, found = 0, next_after: after } = answer as Progress;
      failed ||= some + found > 0;
      if (!command.all || remaining !== true) break;
      if (after != null) next = { ...command, body: { ...command.body, after } };
    }
    return failed ? 1 : 0;
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message}\nHelp: npm run operator -- --help`);
      return 2;
    }
    if (error instanceof OperatorError) {
      console.error(error.message);
      return 1;
    }
    throw error;
  }
}

/** The address of the local server, as `npm run dev` last wrote it. */
function localUrl(): string | undefined {
  const path = join(folder, 'dev.json');
  if (!existsSync(path)) return undefined;
  return (JSON.parse(readFileSync(path, 'utf8')) as { baseUrl?: string }).baseUrl;
}

/** The token of `npm run dev`, which goes to no other machine. */
function localToken(url: URL): string | undefined {
  return isLocal(url) ? readVars(join(folder, 'dev.vars')).OPERATOR_TOKEN : undefined;
}

process.exitCode = await main(process.argv.slice(2));
