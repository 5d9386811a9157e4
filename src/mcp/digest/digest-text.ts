import { perspectiveUri } from '../resources/uris.ts';
import { ANSWERS_NOTE } from '../wording.ts';
import { countText, dollarText, durationText } from './figures.ts';
import type { RunDigest } from './run-digest.ts';

type DigestPerspective = RunDigest['perspectives'][number];

/**
 * A digest as text: what the models disagree on comes first, then the conclusion, then the answers, each between tags that an answer cannot close.
 * It says the same as the structured content in fewer tokens, for clients that show a model only one of the two.
 */
export function digestText(digest: RunDigest): string {
  const blocks = [
    headline(digest),
    disagreementsText(digest),
    agreementsText(digest),
    conclusionText(digest),
    answersText(digest),
    wholeText(digest),
  ];
  return blocks.filter((block) => block !== '').join('\n\n');
}

function headline(digest: RunDigest): string {
  const answered = digest.perspectives.filter((perspective) => perspective.status === 'completed').length;
  const { usage } = digest;
  return [
    `Run ${digest.id}: ${digest.status}, ${answered} of ${digest.perspectives.length} answers in.`,
    `Cost ${dollarText(usage.cost_usd)}, ${countText(usage.input_tokens)} tokens in, ${countText(usage.output_tokens)} out.`,
  ].join(' ');
}

function disagreementsText(digest: RunDigest): string {
  if (digest.disagreements.length === 0) return '';
  const points = digest.disagreements.map(({ claim, positions }, index) =>
    [
      `${index + 1}. ${inLine(claim)}`,
      ...positions.map(
        (position) => `   - ${position.model} (${position.holds}): ${inLine(position.statement)}`,
      ),
    ].join('\n'),
  );
  return `## Where they disagree\n${points.join('\n')}`;
}

function agreementsText(digest: RunDigest): string {
  if (digest.agreements.length === 0) return '';
  const points = digest.agreements.map(({ claim, models }) => `- ${inLine(claim)} (${models} models)`);
  return `## Where they agree\n${points.join('\n')}`;
}

function conclusionText(digest: RunDigest): string {
  const { merge } = digest;
  if (merge === null) return '';
  const facts = [
    merge.model === null ? '' : `by ${merge.model}`,
    merge.quality === null ? '' : `quality ${merge.quality.toFixed(2)}`,
    ...Object.entries(merge.weights).map(([model, weight]) => `${model} ${weight.toFixed(2)}`),
  ].filter((fact) => fact !== '');
  const fallback =
    merge.fallback === null
      ? ''
      : `\n(A simpler merge stands in for the one asked. ${inLine(merge.fallback)})`;
  const notes = merge.notes.map((note) => `\n(${inLine(note)})`).join('');
  const head = `## Conclusion: ${merge.strategy}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`;
  return `${head}${fallback}${notes}\n${fenced('conclusion', '', merge.content)}`;
}

function answersText(digest: RunDigest): string {
  return `## Answers\n${ANSWERS_NOTE}\n${digest.perspectives.map(answerText).join('\n')}`;
}

function answerText(perspective: DigestPerspective): string {
  const facts = [
    `n="${perspective.index}"`,
    `model="${perspective.model}"`,
    perspective.stance === null ? '' : `stance="${inLine(perspective.stance).replaceAll('"', "'")}"`,
    perspective.status === 'completed' ? '' : `status="${perspective.status}"`,
    `cost="${dollarText(perspective.cost_usd)}"`,
    perspective.finish_reason === null || perspective.finish_reason === 'stop'
      ? ''
      : `ended="${perspective.finish_reason}"`,
    perspective.latency_ms === null ? '' : `time="${durationText(perspective.latency_ms)}"`,
    `tokens="${perspective.input_tokens}+${perspective.output_tokens}"`,
  ].filter((fact) => fact !== '');
  const error = perspective.error === null ? '' : `(${inLine(perspective.error)})\n`;
  return fenced('answer', ` ${facts.join(' ')}`, `${error}${perspective.content}`);
}

function wholeText(digest: RunDigest): string {
  if (!digest.cut) return `Whole run, with the receipt: ${digest.resource}`;
  const omitted = digest.omitted_points === 0 ? '' : ` ${digest.omitted_points} more points were left out.`;
  return `This is shortened ([…] marks where).${omitted} Whole run: ${digest.resource}; one whole answer: ${perspectiveUri(digest.id, 0)} and so on.`;
}

/** Between tags; a tag of that name inside the text loses its pointed bracket, so that it can neither close ours nor open another. */
function fenced(tag: string, attributes: string, text: string): string {
  return `<${tag}${attributes}>\n${text.replaceAll(new RegExp(`<(?=/?${tag}\\b)`, 'gi'), '[')}\n</${tag}>`;
}

function inLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
