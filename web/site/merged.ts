import type { Disagreement, Merge } from '../../src/contracts/perspectives.ts';
import { element, hueOf, money } from './dom.ts';

/** The merge: its text as it comes, then agreements, disagreements and the conclusion. */
export class Merged {
  readonly #holder: HTMLElement;
  readonly #light: (indexes: readonly number[]) => void;
  #text: HTMLElement | null = null;

  constructor(holder: HTMLElement, light: (indexes: readonly number[]) => void) {
    this.#holder = holder;
    this.#light = light;
  }

  clear(): void {
    this.#holder.replaceChildren();
    this.#holder.hidden = true;
    this.#text = null;
  }

  /** Shown while the answers are compared. */
  wait(): void {
    this.#holder.hidden = false;
    this.#holder.replaceChildren(
      element('h2', '', 'Merge'),
      element('p', 'pending', 'Comparing the answers'),
    );
  }

  delta(delta: string): void {
    if (this.#text === null) {
      this.#text = element('div', 'conclusion');
      this.#holder.replaceChildren(element('h2', '', 'Merge'), this.#text);
      this.#holder.hidden = false;
    }
    this.#text.append(delta);
  }

  end(merge: Merge): void {
    const agreements = merge.agreements ?? [];
    const disagreements = merge.disagreements ?? [];
    this.#holder.hidden = false;
    this.#holder.replaceChildren(
      element('h2', '', 'Merge'),
      merge.fallback === null
        ? ''
        : element(
            'p',
            'fallback',
            `A simpler merge stands in for ${merge.fallback.from}: ${merge.fallback.reason}`,
          ),
      element('h3', '', 'Conclusion'),
      element('div', 'conclusion', merge.content),
      ...(agreements.length === 0
        ? []
        : [
            element('h3', '', 'They agree'),
            element(
              'ul',
              'claims',
              ...agreements.map((one) =>
                this.#lighting(element('li', '', one.claim, names(one.models)), one.perspectives),
              ),
            ),
          ]),
      ...(disagreements.length === 0 ? [] : [element('h3', '', 'They differ'), this.#table(disagreements)]),
      element(
        'p',
        'line',
        ...[
          merge.model === null ? null : `merged by ${merge.model}`,
          merge.quality === null ? null : `quality ${merge.quality.toFixed(2)}`,
          ...merge.contributions.map((one) => `${one.model} ${Math.round(one.weight * 100)}%`),
          money(merge.cost_usd),
        ]
          .filter((part) => part !== null)
          .map((part) => element('span', '', part)),
      ),
    );
  }

  #table(disagreements: readonly Disagreement[]): HTMLElement {
    const models = [
      ...new Map(
        disagreements.flatMap((one) =>
          one.positions.map((position) => [position.perspective, position.model]),
        ),
      ).entries(),
    ].sort(([a], [b]) => a - b);
    const head = element('tr', '', heading('Claim'), ...models.map(([, model]) => heading(model)));
    const rows = disagreements.map((one) =>
      this.#lighting(
        element(
          'tr',
          '',
          rowHeading(one.claim),
          ...models.map(([index]) => {
            const position = one.positions.find(({ perspective }) => perspective === index);
            if (position === undefined) return element('td', 'silent', 'does not say');
            const holds = { yes: 'holds it', no: 'denies it', unclear: 'unclear' }[position.holds];
            return element(
              'td',
              '',
              element('span', `holds ${position.holds}`, holds),
              element('span', 'statement', position.statement),
            );
          }),
        ),
        one.positions.filter(({ holds }) => holds === 'yes').map(({ perspective }) => perspective),
      ),
    );
    const scroller = element(
      'div',
      'scroll',
      element('table', '', element('thead', '', head), element('tbody', '', ...rows)),
    );
    scroller.tabIndex = 0;
    scroller.setAttribute('role', 'region');
    scroller.setAttribute('aria-label', 'What each model says of each claim');
    return scroller;
  }

  #lighting<Type extends HTMLElement>(target: Type, indexes: readonly number[]): Type {
    target.addEventListener('pointerenter', () => this.#light(indexes));
    target.addEventListener('pointerleave', () => this.#light([]));
    return target;
  }
}

function heading(text: string): HTMLElement {
  const cell = element('th', '', text);
  cell.scope = 'col';
  return cell;
}

function rowHeading(text: string): HTMLElement {
  const cell = element('th', '', text);
  cell.scope = 'row';
  return cell;
}

function names(models: readonly string[]): HTMLElement {
  return element(
    'span',
    'names',
    ...models.map((model) => element('span', `name hue-${hueOf(model)}`, element('span', 'dot'), model)),
  );
}
