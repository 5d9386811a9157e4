import type { Route } from './route.ts';

/** Longest value of the header. */
export const MAX_HEADER_CHARACTERS = 300;

/**
 * The value of `x-parallax-route`: how the model was chosen, in a line of printable ASCII.
 * `auto; task=coding; task_confidence=0.83; confidence=0.54; model=anthropic/claude-opus-5; reason="…"`
 */
export function routeHeader({ chosenBy, task, targets, panel, ruleId, explanation }: Route): string {
  const parts: string[] = [chosenBy];
  if (task !== null) parts.push(`task=${task.task}`, `task_confidence=${task.confidence.toFixed(2)}`);
  if (explanation.chosen !== null) parts.push(`confidence=${explanation.confidence.toFixed(2)}`);
  if (explanation.exploration) parts.push('exploration');
  if (ruleId !== null) parts.push(`rule=${ruleId}`);
  parts.push(panel === null ? `model=${plain(targets[0]?.id ?? '')}` : `panel=${plain(panel.name)}`);
  const before = parts.join('; ').slice(0, MAX_HEADER_CHARACTERS);
  const room = MAX_HEADER_CHARACTERS - before.length - '; reason=""'.length;
  if (room < 10) return before;
  const reason = plain(explanation.reason).replaceAll(/["\\]/g, "'");
  return `${before}; reason="${reason.length > room ? `${reason.slice(0, room - 3)}...` : reason}"`;
}

/** Header values are printable ASCII (RFC 9110, section 5.5); names may hold anything. */
function plain(text: string): string {
  return text.replaceAll(/[‘’]/g, "'").replaceAll(/[^\x20-\x7e]/g, '?');
}
