/** What differs between the generations of Gemini. After the pages "Gemini thinking" and "Thought signatures". */
export interface ModelTraits {
  /** Whether `thinkingLevel` is taken (from Gemini 3); before, only `thinkingBudget`. */
  readonly thinkingLevel: boolean;
  /** How thinking is switched off, or, where it cannot be, made as short as it goes. */
  readonly off: { readonly thinkingBudget: number } | { readonly thinkingLevel: string };
  /** Whether a call sent back without its signature is refused (from Gemini 3). */
  readonly signedCalls: boolean;
}

/** The traits of a model by its name. A Gemini without a number counts as the newest; another maker's model is held to nothing. */
export function traitsOf(model: string): ModelTraits {
  if (!/gemini/i.test(model)) return { thinkingLevel: true, off: { thinkingBudget: 0 }, signedCalls: false };
  const pro = /pro/i.test(model);
  const generation = Number(/gemini-(\d+)/i.exec(model)?.[1] ?? Number.POSITIVE_INFINITY);
  if (generation < 3)
    return { thinkingLevel: false, off: { thinkingBudget: pro ? 128 : 0 }, signedCalls: false };
  return { thinkingLevel: true, off: { thinkingLevel: pro ? 'LOW' : 'MINIMAL' }, signedCalls: true };
}
