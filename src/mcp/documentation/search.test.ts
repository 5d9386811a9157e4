import { describe, expect, it } from 'vitest';
import { createDocSearch, wordsOf } from './search.ts';
import { type DocSection, sectionsOf } from './sections.ts';

const section = (heading: string, text: string): DocSection => ({
  page: 'page',
  title: 'Page',
  heading,
  anchor: heading.toLowerCase(),
  text,
});

describe('splitting a page', () => {
  it('starts a section at each heading and keeps what stands before the first', () => {
    const sections = sectionsOf(
      'guide',
      '# Guide\n\nIntro.\n\n## First `thing`\n\nOne.\n\n### Second & last\n\nTwo.\n',
    );
    expect(sections).toEqual([
      { page: 'guide', title: 'Guide', heading: 'Guide', anchor: '', text: 'Intro.' },
      { page: 'guide', title: 'Guide', heading: 'First thing', anchor: 'first-thing', text: 'One.' },
      { page: 'guide', title: 'Guide', heading: 'Second & last', anchor: 'second--last', text: 'Two.' },
    ]);
  });

  it('takes no comment in a code block for a heading', () => {
    const [only, ...rest] = sectionsOf('x', '# X\n\n```sh\n# not a heading\n```\n');
    expect(only?.text).toContain('# not a heading');
    expect(rest).toEqual([]);
  });

  it('leaves out headings without text', () => {
    expect(sectionsOf('x', '# X\n\n## Empty\n\n## Full\n\nText.').map(({ heading }) => heading)).toEqual([
      'Full',
    ]);
  });
});

describe('searching', () => {
  it('ranks a section about the words above one that mentions one of them', () => {
    const search = createDocSearch([
      section(
        'Keys',
        'Some text about other things, which mentions limits once in a long sentence about keys.',
      ),
      section('Limits', 'A request has limits. The limits are these.'),
      section('Prices', 'What things cost.'),
    ]);
    expect(search.find('limits', 5).map(({ section: { heading } }) => heading)).toEqual(['Limits', 'Keys']);
  });

  it('finds a name by its parts and a plural by its singular', () => {
    const search = createDocSearch([
      section('Tools', 'Call `get_perspectives` with a prompt.'),
      section('Other', 'Nothing.'),
    ]);
    expect(search.find('perspective', 1)[0]?.section.heading).toBe('Tools');
    expect(search.find('get_perspectives', 1)[0]?.section.heading).toBe('Tools');
  });

  it('finds nothing for words that do not occur, and for none', () => {
    const search = createDocSearch([section('Tools', 'Text.')]);
    expect(search.find('zebra', 5)).toEqual([]);
    expect(search.find(' … ', 5)).toEqual([]);
    expect(createDocSearch([]).find('text', 5)).toEqual([]);
  });

  it('weighs a rare word more than one that is everywhere', () => {
    const search = createDocSearch([
      section('A', 'model model model model'),
      section('B', 'model quorum'),
      section('C', 'model'),
      section('D', 'model'),
    ]);
    expect(search.find('model quorum', 1)[0]?.section.heading).toBe('B');
  });

  it('excerpts the paragraph that answers, not the beginning', () => {
    const filler = 'Filler words stand here. '.repeat(30);
    const [hit] = createDocSearch([
      section('Long', `${filler}\n\nThe quorum is reached when k of n are in.\n\n${filler}`),
    ]).find('quorum', 1);
    expect(hit?.excerpt).toContain('The quorum is reached');
    expect(hit?.excerpt.length).toBeLessThan(800);
    expect(hit?.excerpt.startsWith('[…]')).toBe(true);
  });
});

describe('words', () => {
  it('are lower case, whole and in parts', () => {
    expect(wordsOf('Set OPENAI_API_KEY; keys, class')).toEqual([
      'set',
      'openai_api_key',
      'openai',
      'api',
      'key',
      'key',
      'class',
    ]);
  });
});
