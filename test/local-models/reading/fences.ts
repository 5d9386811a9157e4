/** Fenced, labelled data blocks in a prompt: `<data label="answer A">…</data>`, read leniently. */

export interface Block {
  label: string;
  text: string;
  kind: 'answer' | 'own' | 'context' | 'question' | 'claim' | 'stance';
}

// What a block holds may not open another of its kind: a prompt that merely mentions `<data>` opens nothing.
const FENCE =
  /<((?:data|answer|response|perspective|position|candidate|claim|document|source|memory|context|question|prompt|stance)[\w-]*)(\s[^<>]*)?>((?:(?!<\1[\s>])[\s\S])*?)<\/\1\s*>/gi;
const LABEL = /\b(label|name|id|title|source|model)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/gi;
const RANK = ['label', 'name', 'id', 'title', 'source', 'model'];

const QUESTION = /^(?:the )?(?:user(?:'s|’s)? |original )?(?:question|prompt|task|request|query)\b/i;
const STANCE = /\b(?:stance|point of view|persona|role|side)\b/i;
const OWN = /\b(?:your|own|my)\b/i;
const CLAIM = /^(?:claim|statement)s?\b/i;
const CONTEXT =
  /\b(?:memor(?:y|ies)|context|documents?|sources?|knowledge|excerpts?|passages?|tools?|files?|system|profile|preferences?|instructions?|conversation|history|notes?|conclusions?)\b/i;

function unescaped(text: string): string {
  return text
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;|&apos;/g, "'")
    .replace(/&amp;/g, '&');
}

function labelOf(tag: string, attributes: string, position: number): string {
  const found = new Map<string, string>();
  for (const match of attributes.matchAll(LABEL)) {
    const name = (match[1] ?? '').toLowerCase();
    if (!found.has(name)) found.set(name, unescaped(match[2] ?? match[3] ?? match[4] ?? ''));
  }
  const name = RANK.find((candidate) => found.has(candidate));
  return (name === undefined ? undefined : found.get(name)) ?? `${tag.toLowerCase()} ${position}`;
}

function kindOf(tag: string, label: string): Block['kind'] {
  if (QUESTION.test(label)) return 'question';
  if (CLAIM.test(label)) return 'claim';
  if (STANCE.test(label)) return 'stance';
  if (OWN.test(label)) return 'own';
  if (/^(?:document|source|memory|context)/i.test(tag) || CONTEXT.test(label)) return 'context';
  return 'answer';
}

/** The blocks of a text, in order, the text without them, and what follows the last of them. */
export function readFences(text: string): { blocks: Block[]; outside: string; after: string } {
  const blocks: Block[] = [];
  let outside = '';
  let end = 0;
  for (const match of text.matchAll(FENCE)) {
    const [whole, tag = '', attributes = '', inner = ''] = match;
    const label = labelOf(tag, attributes, blocks.length + 1);
    blocks.push({ label, text: unescaped(inner).trim(), kind: kindOf(tag, label) });
    outside += `${text.slice(end, match.index)} `;
    end = match.index + whole.length;
  }
  const after = text.slice(end);
  return { blocks, outside: outside + after, after };
}

/** Whether two labels mean the same block: equal, or one is the other's last word (`A` and `answer A`). */
export function sameLabel(a: string, b: string): boolean {
  const left = a.trim().toLowerCase();
  const right = b.trim().toLowerCase();
  if (left === right) return true;
  return (right.length > 0 && left.endsWith(` ${right}`)) || (left.length > 0 && right.endsWith(` ${left}`));
}
