import { gatewayBenchmark } from './gateway/benchmark.ts';
import { benchOptions } from './options.ts';
import { runOfThree } from './run-of-three.ts';

/** `npm run bench`: each benchmark prints a table, with a peer beside it in the same run. Figures are noisy; ratios are what counts. */
async function main(): Promise<void> {
  const options = benchOptions(process.env);
  if (options.only.includes('whole') || options.only.includes('streams')) {
    console.log('The gateway beside a bare pass-through and a peer\n');
    console.log(await gatewayBenchmark(options));
  }
  if (options.only.includes('run')) {
    console.log('\nCPU of workerd for a run of three, streamed, per 1,000 chunks that the models sent\n');
    const { rounds, chunks, delayMs } = options;
    console.log(await runOfThree({ rounds, words: chunks, tokenDelayMs: delayMs }));
  }
}

// A signal ends this process as an error does, and with it what it started.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

await main();
