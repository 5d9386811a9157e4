import { z } from 'zod';
import { findInDocumentation } from '../documentation/index.ts';
import { documentUri } from '../resources/uris.ts';
import { tool } from '../tool.ts';
import { FIELD_WORDS, NO_DOCUMENTATION, TOOL_WORDS } from '../wording.ts';

const input = z.strictObject({
  query: z.string().min(1).max(300).describe(FIELD_WORDS.query),
  limit: z.int().min(1).max(10).default(4),
});

export const searchDocumentation = tool({
  name: 'search_documentation',
  ...TOOL_WORDS.search_documentation,
  permission: 'documentation:read',
  annotations: { readOnlyHint: true, openWorldHint: false },
  input,
  output: z.object({
    results: z.array(
      z.object({ page: z.string(), heading: z.string(), excerpt: z.string(), resource: z.string() }),
    ),
  }),
  async run({ query, limit }) {
    const hits = findInDocumentation(query, limit);
    const results = hits.map(({ section, excerpt }) => ({
      page: section.title,
      heading: section.heading,
      excerpt,
      resource: documentUri(section.page),
    }));
    const pages = [...new Set(hits.map(({ section }) => section.page))];
    return {
      kind: 'answer',
      structured: { results },
      text:
        results.length === 0
          ? NO_DOCUMENTATION
          : results
              .map(
                ({ page, heading, excerpt, resource }) =>
                  `## ${page}: ${heading} (${resource})\n\n${excerpt}`,
              )
              .join('\n\n'),
      links: pages.map((page) => ({
        uri: documentUri(page),
        name: page,
        description: 'The whole page.',
        mimeType: 'text/markdown',
      })),
    };
  },
});
