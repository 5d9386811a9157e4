import { createDocSearch, type DocHit, type DocSearch } from './search.ts';
import generated from './sections.generated.json' with { type: 'json' };
import type { DocSection } from './sections.ts';

/** The shipped documentation, as `npm run docs:index` wrote it. */
const SECTIONS: readonly DocSection[] = generated;

let search: DocSearch | undefined;

/** Searches the shipped documentation. The index is built once an isolate, when first asked. */
export function findInDocumentation(query: string, limit: number): DocHit[] {
  search ??= createDocSearch(SECTIONS);
  return search.find(query, limit);
}

export interface DocPage {
  readonly page: string;
  readonly title: string;
}

/** Every page, in the order of their paths. */
export function documentPages(): DocPage[] {
  const pages = new Map(SECTIONS.map(({ page, title }) => [page, { page, title }]));
  return [...pages.values()];
}

/** A page as Markdown, put together from its sections; undefined when there is none of that name. */
export function documentText(page: string): string | undefined {
  const sections = SECTIONS.filter((section) => section.page === page);
  const [first] = sections;
  if (first === undefined) return undefined;
  const body = sections.map((section) =>
    section.anchor === '' ? section.text : `## ${section.heading}\n\n${section.text}`,
  );
  return `# ${first.title}\n\n${body.join('\n\n')}\n`;
}
