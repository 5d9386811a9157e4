import { runOfThree } from './run-of-three.ts';

/** `npm run bench`: each benchmark prints a table, with a peer beside it in the same run. Figures are noisy; ratios are what counts. */
async function main(): Promise<void> {
  const rounds = Number(process.env.ROUNDS ?? 5);
  console.log('CPU of workerd for a run of three, streamed, per 1,000 chunks that the models sent\n');
  const table = await runOfThree({ rounds, words: 1200, tokenDelayMs: 2 });
  console.log(table);
}

await main();
