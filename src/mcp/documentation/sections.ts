/** A part of a page of the documentation: what stands under one heading. */
export interface DocSection {
  /** Path under docs/ without the ending: `mcp`, `guides/keys`. */
  readonly page: string;
  /** The page's own title. */
  readonly title: string;
  /** The heading the text stands under; the page's title for its beginning. */
  readonly heading: string;
  /** The heading's fragment, as GitHub makes it; empty for the page's beginning. */
  readonly anchor: string;
  /** Markdown, without the heading. */
  readonly text: string;
}

/**
 * Splits a Markdown page at its headings of the first three levels. Lines inside code fences are never headings. Sections without text
 * are left out.
 */
export function sectionsOf(page: string, markdown: string): DocSection[] {
  const sections: DocSection[] = [];
  let title = page;
  let heading = '';
  let anchor = '';
  let lines: string[] = [];
  let fence: string | null = null;
  const end = () => {
    const text = lines.join('\n').trim();
    if (text !== '') sections.push({ page, title, heading: heading === '' ? title : heading, anchor, text });
    lines = [];
  };
  for (const line of markdown.split(/\r?\n/)) {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark !== undefined) {
      if (fence === null) fence = mark;
      else if (mark.startsWith(fence)) fence = null;
    }
    const match = fence === null && mark === undefined ? /^(#{1,3})\s+(.+?)\s*#*$/.exec(line) : null;
    if (match === null) {
      lines.push(line);
      continue;
    }
    end();
    const text = plain(match[2] ?? '');
    if (match[1] === '#') {
      title = text;
      heading = '';
      anchor = '';
    } else {
      heading = text;
      anchor = anchorOf(text);
    }
  }
  end();
  return sections;
}

/** A heading's fragment: lower case, spaces to hyphens, the rest of the punctuation dropped. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');
}

/** Without the marks of emphasis, code and links. */
function plain(heading: string): string {
  return heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/[`*]/g, '');
}
