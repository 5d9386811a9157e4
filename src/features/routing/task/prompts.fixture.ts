import type { Task } from '../../../contracts/routing.ts';
import type { PromptFeatures } from '../prompt-features.ts';

/** A prompt, or one with what the request has besides its text. */
export type Example = string | readonly [text: string, more: Partial<PromptFeatures>];
export type Examples = Readonly<Record<Task, readonly Example[]>>;

/** An example as a request would show it. */
export function promptOf(example: Example): PromptFeatures {
  const [text, more] = typeof example === 'string' ? [example, {}] : example;
  return {
    text,
    systemLength: 0,
    inputTokens: Math.ceil(text.length / 4),
    hasImages: false,
    hasAudio: false,
    hasFiles: false,
    tools: 0,
    wantsJson: false,
    turns: 1,
    ...more,
  };
}

/** Examples in one list, each with its task. */
export function labelled(examples: Examples): { readonly task: Task; readonly prompt: PromptFeatures }[] {
  return Object.entries(examples).flatMap(([task, list]) =>
    list.map((example) => ({ task: task as Task, prompt: promptOf(example) })),
  );
}
