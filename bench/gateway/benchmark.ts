import type { BenchOptions } from '../options.ts';
import { openLaboratory } from './laboratory.ts';
import { streamedAnswers } from './streams.ts';
import { targets } from './targets.ts';
import { wholeAnswers } from './whole-answers.ts';

/** This gateway beside a bare pass-through on workerd and the Portkey gateway on Node, before one upstream, in one run. */
export async function gatewayBenchmark(options: BenchOptions): Promise<string> {
  const laboratory = await openLaboratory(options);
  try {
    const whole = options.only.includes('whole') ? await wholeAnswers(laboratory, options) : undefined;
    const streams = options.only.includes('streams') ? await streamedAnswers(laboratory, options) : undefined;
    return [whole?.text, streams?.text, targets(whole, streams)]
      .filter((part) => part !== undefined)
      .join('\n\n');
  } finally {
    await laboratory.close();
  }
}
