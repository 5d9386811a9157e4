/**
 * Takes out of an answer what tells a judge which model wrote it. Judges favour their own kind, so they are not to know.
 * Names of the run's models go everywhere, except where the question itself is about them; in a sentence in which the author speaks of
 * itself, every known name and maker goes.
 */
import type { MergeAnswer } from './merge-input.ts';

/** What stands in a name's place. */
export const HIDDEN_NAME = '[name hidden]';

interface Family {
  /** Which model ids belong to it. */
  readonly sign: RegExp;
  readonly names: readonly string[];
  readonly makers: readonly string[];
}

const FAMILIES: readonly Family[] = [
  { sign: /claude/i, names: ['Claude'], makers: ['Anthropic'] },
  { sign: /gpt|(?:^|\/)o\d/i, names: ['ChatGPT', 'GPT'], makers: ['OpenAI'] },
  { sign: /gemini|gemma/i, names: ['Gemini', 'Gemma'], makers: ['Google DeepMind', 'Google', 'DeepMind'] },
  { sign: /llama/i, names: ['Llama', 'LLaMA'], makers: ['Meta AI', 'Meta'] },
  {
    sign: /mi[sx]tral|codestral|magistral|pixtral/i,
    names: ['Mistral', 'Mixtral', 'Codestral', 'Ministral', 'Magistral'],
    makers: ['Mistral AI'],
  },
  { sign: /deepseek/i, names: ['DeepSeek'], makers: ['DeepSeek AI'] },
  { sign: /qwen|qwq/i, names: ['Qwen', 'QwQ'], makers: ['Alibaba Cloud', 'Alibaba', 'Tongyi'] },
  { sign: /grok/i, names: ['Grok'], makers: ['xAI'] },
  { sign: /command/i, names: ['Command R+', 'Command R', 'Command A'], makers: ['Cohere'] },
  { sign: /sonar/i, names: ['Perplexity Sonar'], makers: ['Perplexity AI', 'Perplexity'] },
  { sign: /nova/i, names: ['Amazon Nova'], makers: ['Amazon Web Services', 'Amazon', 'AWS'] },
  { sign: /kimi/i, names: ['Kimi'], makers: ['Moonshot AI', 'Moonshot'] },
  { sign: /glm/i, names: ['ChatGLM', 'GLM'], makers: ['Zhipu AI', 'Zhipu', 'Z.ai'] },
  { sign: /(?:^|[/-])phi\b/i, names: ['Phi'], makers: ['Microsoft'] },
  { sign: /nemotron/i, names: ['Nemotron'], makers: ['NVIDIA'] },
  { sign: /minimax/i, names: ['MiniMax'], makers: [] },
];

/** Versions and sizes that follow a name: `Claude Opus 5`, `GPT-5.2 mini`. */
const VERSION = String.raw`(?:[\s-]{1,2}(?:v?\d[\w.]{0,11}|Opus|Sonnet|Haiku|Pro|Flash|Ultra|Nano|Mini|Turbo|Large|Medium|Small|Coder|Instruct)\b){0,4}`;

/** A sentence in which an author speaks of itself. */
const SPEAKS_OF_ITSELF =
  /\b(?:I am|I['’]m|I was (?:made|trained|created|developed|built)|my name is|my (?:maker|creator|developer)s?|as an? (?:AI|large|language|assistant)|as (?:Claude|ChatGPT|GPT|Gemini|Llama|Mistral|DeepSeek|Qwen|Grok)|(?:trained|developed|created|made|built) by|language model|this (?:text|answer) comes from)\b/i;

/** Between sentences; kept by the split, so that joining the parts gives the text again. */
const SENTENCE_BORDER = /(\n+|(?<=[.!?])\s+|(?<=[。！？]))/u;

/** Makes the masking of one run: a function from an answer's text to the text that a judge may see. */
export function identityMask(
  answers: readonly Pick<MergeAnswer, 'modelId'>[],
  question: string,
): (text: string) => string {
  const mentioned = (name: string) => namePattern([name]).test(question);
  const everywhere = new Set<string>();
  const ofItself = new Set<string>();
  for (const family of FAMILIES) {
    for (const name of [...family.names, ...family.makers]) ofItself.add(name);
    if (answers.some(({ modelId }) => family.sign.test(modelId)))
      for (const name of family.names) everywhere.add(name);
  }
  for (const { modelId } of answers) {
    const bare = modelId.slice(modelId.lastIndexOf('/') + 1);
    everywhere.add(modelId);
    ofItself.add(bare);
    // A bare name that is an ordinary word (`swift`) would take words out of honest prose.
    if (/[\d-]/.test(bare) && bare.length > 3) everywhere.add(bare);
  }
  const general = [...everywhere].filter((name) => !mentioned(name));
  const always = general.length === 0 ? null : namePattern(general);
  const inSelfSpeech = namePattern([...ofItself, ...everywhere]);
  return (text) =>
    text
      .split(SENTENCE_BORDER)
      .map((sentence) => {
        if (SPEAKS_OF_ITSELF.test(sentence)) return sentence.replace(inSelfSpeech, HIDDEN_NAME);
        return always === null ? sentence : sentence.replace(always, HIDDEN_NAME);
      })
      .join('');
}

/** Matches the names as whole words, longest first, with their versions. */
function namePattern(names: readonly string[]): RegExp {
  const ordered = [...names]
    .sort((a, b) => b.length - a.length)
    .map((name) => name.replace(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`));
  return new RegExp(
    String.raw`(?<![\p{L}\p{N}])(?:${ordered.join('|')})(?:\d[\w.]{0,11}\b)?(?![\p{L}\p{N}])${VERSION}`,
    'giu',
  );
}
