import type { Run } from '../contracts/perspectives.ts';
import { digestText } from './digest/digest-text.ts';
import { type RunDigest, runDigest } from './digest/run-digest.ts';
import { perspectiveUri, runUri } from './resources/uris.ts';
import type { ResourceLink, ToolAnswer } from './tool.ts';
import { waitMore } from './wording.ts';

/** A run as a tool answers it: its digest, and links to the whole run and to each answer that was shortened. */
export function runAnswer(run: Run, note = ''): ToolAnswer<RunDigest> {
  const digest = runDigest(run);
  const notes = [run.status === 'running' ? waitMore(run.id) : '', note].filter((text) => text !== '');
  return {
    kind: 'answer',
    structured: digest,
    text: [digestText(digest), ...notes].join('\n\n'),
    links: [wholeRun(run.id), ...shortened(run, digest)],
    failed: run.status === 'failed',
  };
}

function wholeRun(id: string): ResourceLink {
  return {
    uri: runUri(id),
    name: id,
    description: 'The whole run: every answer, the merge and the receipt.',
    mimeType: 'application/json',
  };
}

function shortened(run: Run, digest: RunDigest): ResourceLink[] {
  return run.perspectives
    .filter((perspective, position) => digest.perspectives[position]?.content !== perspective.content)
    .map(({ index, model }) => ({
      uri: perspectiveUri(run.id, index),
      name: `${run.id}, ${model}`,
      description: `The whole answer of ${model}.`,
      mimeType: 'text/markdown',
    }));
}
