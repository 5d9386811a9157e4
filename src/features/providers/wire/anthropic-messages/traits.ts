/**
 * What a model behind the Messages API refuses. Anthropic answers a parameter that a model does not take with status 400, so the encoder
 * leaves it out and names it. After the pages "Extended thinking", "Adaptive thinking", "Effort", "Mid-conversation system messages" and the
 * migration guides.
 */
export interface ModelTraits {
  /** How thinking is asked for: with a token budget (Claude up to 4.5), adaptively (from 4.7), or either way (4.6, other makers' models). */
  readonly thinking: 'budget' | 'adaptive' | 'either';
  /** Whether `output_config.effort` is taken. */
  readonly effort: boolean;
  /** Whether `temperature`, `top_p` and `top_k` are taken (Claude before 4.7). */
  readonly sampling: boolean;
  /** Whether `role: "system"` may stand among the messages (Claude from 4.8, not on Bedrock, Vertex or Foundry). */
  readonly systemTurns: boolean;
  /** Whether thinking excludes a forced tool and most sampling, as on every Claude. */
  readonly strictThinking: boolean;
}

/** Other makers' models behind the same wire: nothing is held back, the server decides. */
export const EVERY_TRAIT: ModelTraits = {
  thinking: 'either',
  effort: true,
  sampling: true,
  systemTurns: true,
  strictThinking: false,
};

/** The traits of a model by its name; a Claude whose version is not in its name counts as the newest. */
export function traitsOf(model: string): ModelTraits {
  if (!/claude/i.test(model)) return EVERY_TRAIT;
  const version = claudeVersion(model);
  if (version >= 408)
    return { thinking: 'adaptive', effort: true, sampling: false, systemTurns: true, strictThinking: true };
  if (version >= 407)
    return { thinking: 'adaptive', effort: true, sampling: false, systemTurns: false, strictThinking: true };
  if (version >= 406)
    return { thinking: 'either', effort: true, sampling: true, systemTurns: false, strictThinking: true };
  const effort = version === 405 && /opus/i.test(model);
  return { thinking: 'budget', effort, sampling: true, systemTurns: false, strictThinking: true };
}

/** `claude-opus-4-5-20251101` → 405, `claude-3-7-sonnet-20250219` → 307, `claude-opus-5` → 500; unknown → the newest. */
function claudeVersion(model: string): number {
  const match = /claude-(?:[a-z]+-)?(\d{1,2})(?!\d)(?:[-.](\d{1,2})(?!\d))?/i.exec(model);
  return match === null ? Number.MAX_SAFE_INTEGER : Number(match[1]) * 100 + Number(match[2] ?? 0);
}
