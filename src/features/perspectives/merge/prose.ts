import type { Panel } from './panel.ts';
import { createRelabeller } from './relabel.ts';

/** The merged text on its way to whoever watches: labels become names, and nothing is sent twice. */
export interface Prose {
  /** Takes the next piece as the model wrote it. */
  push(piece: string): void;
  /** Whether anything has been taken. */
  begun(): boolean;
  /**
   * The merge has ended with this content. What of it has not been sent is; when another text had begun (a merge that fell back), nothing
   * more is, because pieces of two texts make none.
   */
  finish(content: string): void;
}

export function createProse(panel: Panel, onDelta: (text: string) => void): Prose {
  const relabeller = createRelabeller(panel);
  let sent = '';
  let begun = false;
  const send = (text: string) => {
    if (text === '') return;
    sent += text;
    onDelta(text);
  };
  return {
    push(piece) {
      begun ||= piece !== '';
      send(relabeller.push(piece));
    },
    begun: () => begun,
    finish(content) {
      if (content.startsWith(sent)) send(content.slice(sent.length));
    },
  };
}
