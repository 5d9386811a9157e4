import type { Perspective, Run } from '../../src/contracts/perspectives.ts';
import { duration, element, hueOf, money } from './dom.ts';

/** The answers side by side, as they come. */
export class Answers {
  readonly #holder: HTMLElement;
  readonly #panes = new Map<number, { pane: HTMLElement; text: HTMLElement; line: HTMLElement }>();

  constructor(holder: HTMLElement) {
    this.#holder = holder;
  }

  /** Makes a pane for each model of the run. */
  start(run: Run): void {
    this.#panes.clear();
    this.#holder.replaceChildren(
      ...run.perspectives.map((perspective) => {
        const text = element('div', 'text');
        const line = element('footer', 'line', 'Waiting for the first word');
        const pane = element(
          'article',
          `pane hue-${hueOf(perspective.model)}`,
          element('header', '', element('span', 'dot'), element('h2', '', perspective.model)),
          text,
          line,
        );
        pane.dataset.state = 'waiting';
        text.tabIndex = 0;
        text.setAttribute('role', 'region');
        text.setAttribute('aria-label', `Answer of ${perspective.model}`);
        this.#panes.set(perspective.index, { pane, text, line });
        return pane;
      }),
    );
    this.#holder.hidden = false;
  }

  delta(index: number, delta: string): void {
    const found = this.#panes.get(index);
    if (found === undefined) return;
    if (found.pane.dataset.state === 'waiting') {
      found.pane.dataset.state = 'streaming';
      found.line.textContent = 'Answering';
    }
    const atEnd = found.text.scrollHeight - found.text.scrollTop - found.text.clientHeight < 24;
    found.text.append(delta);
    if (atEnd) found.text.scrollTop = found.text.scrollHeight;
  }

  end(perspective: Perspective): void {
    const found = this.#panes.get(perspective.index);
    if (found === undefined) return;
    found.pane.dataset.state = perspective.status;
    // The reader starts at the top, whatever the stream had scrolled to.
    found.text.scrollTop = 0;
    found.text.textContent = perspective.content;
    found.line.replaceChildren(...figures(perspective));
    if (perspective.error !== undefined) {
      found.text.append(element('p', 'reason', perspective.error.message));
    }
  }

  /** Lights the panes whose answers a sentence of the merge came from; all are as before when the list is empty. */
  light(indexes: readonly number[]): void {
    for (const [index, { pane }] of this.#panes) {
      pane.classList.toggle('lit', indexes.includes(index));
      pane.classList.toggle('dim', indexes.length > 0 && !indexes.includes(index));
    }
  }
}

/** One quiet line: tokens, cost, first token, total, whose key. */
function figures(perspective: Perspective): Node[] {
  const parts = [
    perspective.status === 'failed' ? 'Failed' : null,
    `${perspective.usage.output_tokens} tokens`,
    money(perspective.cost_usd),
    perspective.first_token_ms === null ? null : `first word ${duration(perspective.first_token_ms)}`,
    perspective.latency_ms === null ? null : `total ${duration(perspective.latency_ms)}`,
    perspective.key_strategy === 'none' ? 'no key needed' : `${perspective.key_strategy} key`,
  ];
  return parts.filter((part) => part !== null).map((part) => element('span', '', part));
}
