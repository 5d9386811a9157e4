/** Sends one `notifications/progress`. Amounts are steps: answers, and the merge. */
export type SendProgress = (step: {
  readonly progress: number;
  readonly total: number;
  readonly message: string;
}) => Promise<void>;

/** Progress of one call. Every report is larger than the one before, as both revisions of the protocol demand. */
export interface Progress {
  /** `done` of `total` steps are finished. */
  report(done: number, total: number, message: string): Promise<void>;
  /** Nothing new, but the work goes on: keeps the clocks of clients running that start anew with each report. */
  beat(message: string): Promise<void>;
}

/** How much of the way to the next step a beat takes of what is left. */
const BEAT_SHARE = 0.1;

/** Progress that is sent. */
export function createProgress(send: SendProgress): Progress {
  let last = -1;
  let done = 0;
  let total = 0;
  const forward = async (progress: number, message: string) => {
    if (progress <= last) return;
    last = progress;
    await send({ progress: last, total, message });
  };
  return {
    async report(nowDone, nowTotal, message) {
      done = nowDone;
      total = nowTotal;
      await forward(done, message);
    },
    async beat(message) {
      await forward(last + (done + 1 - last) * BEAT_SHARE, message);
    },
  };
}

/** For a client that did not ask to be told. */
export const NO_PROGRESS: Progress = { report: async () => undefined, beat: async () => undefined };
