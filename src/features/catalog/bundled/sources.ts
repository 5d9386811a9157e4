/** Where a provider's models stand in genai-prices, and how their names there become the names that the provider itself knows. */
export interface BundledSource {
  /** Ids of providers there, the provider's own first; a later one adds what the earlier ones lack. */
  readonly from: readonly string[];
  /** Models there that the provider does not serve on a format of ours, or that are another provider's. */
  readonly without?: RegExp;
  /** Only these, where most are not served. */
  readonly only?: RegExp;
  /** The name that the provider knows; the entry's own id unless said otherwise. `names` are those that its rule spells out. */
  readonly upstreamName?: (id: string, names: readonly string[], from: string) => string;
  /** Our name for it, where it is not the upstream name. */
  readonly name?: (id: string) => string;
}

/** Answers no chat, embedding, image, audio, rerank or moderation request: reads pages, makes video, translates, classifies, completes text. */
export const NOT_SERVED =
  /-ocr-|omni-flash|indictrans|m2m100|distilbert|^(?:text-)?(?:ada|babbage|curie|davinci)(?:-\d+)?$|^text-(?:ada|babbage|curie|davinci)|gpt-3\.5-turbo-instruct|grok-voice|composer-/i;

export const BUNDLED_SOURCES: Readonly<Record<string, BundledSource>> = {
  // Fine-tunes have names of their own; open weights and the names with a colon or an image suffix are other providers' offers.
  openai: { from: ['openai'], without: /^ft:|\.ft-|:|^gpt-oss|^gpt-[\d.]+-image/ },
  anthropic: { from: ['anthropic'] },
  // Claude and the "-maas" models are Vertex AI's; "gemini-flash-1.5" and a bare "gemma-3" are how others call them.
  google: { from: ['google'], without: /^claude|-maas$|^gemini-(?:flash|pro)-1|^gemma-[23]/ },
  vertex_ai: {
    from: ['google', 'anthropic'],
    without: /^claude-(?:[1-4]|v\d|(?:opus|sonnet)-4-[01])|^gemini-(?:flash|pro)-1|^gemma-/,
  },
  azure: {
    from: ['azure', 'openai', 'anthropic', 'deepseek', 'x-ai', 'moonshotai'],
    without: /:|^ft|\.ft-|^(?:wizardlm|gpt-oss-safeguard|moonshot|gpt-[\d.]+-image)|^claude-(?:[1-3]|v\d)/,
  },
  aws_bedrock: {
    from: ['aws'],
    // The others answer only in AWS's own formats (Converse, InvokeModel).
    only: /anthropic\.|openai\./,
    without: /claude-3-/,
    upstreamName: bedrockName,
  },
  // A name without a maker is no OpenRouter slug.
  openrouter: { from: ['openrouter'], only: /\// },
  together: { from: ['together'] },
  fireworks: {
    from: ['fireworks'],
    upstreamName: (id, names) => names.find((name) => name.startsWith('accounts/')) ?? id,
    name: (id) => id,
  },
  groq: { from: ['groq'] },
  perplexity: { from: ['perplexity'], without: /^llama|^r1-/ },
  deepseek: { from: ['deepseek'] },
  xai: { from: ['x-ai'] },
  mistral: { from: ['mistral'], without: /:free|-instruct/, upstreamName: mistralName },
  // Cohere's models have a month in their names.
  cohere: {
    from: ['cohere'],
    upstreamName: (id, names) => names.find((name) => /-\d{2}-\d{4}$/.test(name)) ?? id,
  },
  workers_ai: { from: ['cloudflare'] },
  // The router takes the server after a colon; without one it would choose, and the price with it.
  huggingface: {
    from: [
      'cerebras',
      'fireworks-ai',
      'groq',
      'hyperbolic',
      'nebius',
      'novita',
      'nscale',
      'ovhcloud',
      'publicai',
      'sambanova',
      'together',
    ].map((server) => `huggingface_${server}`),
    upstreamName: (id, _, from) => `${id}:${from.slice('huggingface_'.length)}`,
  },
};

/** Bedrock's ids of models that genai-prices lists under a simpler one ("Supported foundation models in Amazon Bedrock"). */
const BEDROCK_VERSIONS: Readonly<Record<string, string>> = {
  'claude-opus-4-5-v1:0': 'claude-opus-4-5-20251101-v1:0',
  'claude-opus-4-6-v1:0': 'claude-opus-4-6-v1',
  'claude-opus-4-7-v1:0': 'claude-opus-4-7',
  'claude-opus-4-8-v1:0': 'claude-opus-4-8',
  'claude-sonnet-4-6-v1:0': 'claude-sonnet-4-6',
  'claude-sonnet-5-v1:0': 'claude-sonnet-5',
  'claude-fable-5-v1:0': 'claude-fable-5',
  'claude-fable-5-1-v1:0': 'claude-fable-5-1',
};

/** `regional.x` is called through the inference profile of the deployment's region, which is known only at the call: the plain id stands for it. */
function bedrockName(id: string): string {
  const plain = id.replace(/^regional\./, '');
  const [publisher, model] = [
    plain.slice(0, plain.lastIndexOf('.claude') + 1),
    plain.slice(plain.lastIndexOf('.claude') + 1),
  ];
  return publisher + (BEDROCK_VERSIONS[model] ?? model);
}

/** Mistral's API knows a model by its month (`-2508`) or as `-latest`; the list has some by their bare name. */
function mistralName(id: string, names: readonly string[]): string {
  if (/-(?:latest|\d{4})$/.test(id)) return id;
  const latest = names.find((name) => name.endsWith('-latest'));
  return (
    latest ??
    names.findLast((name) => /-\d{4}$/.test(name)) ??
    names.find((name) => name.startsWith('open-')) ??
    id
  );
}

/**
 * The inference profile that serves a plain Bedrock id of Claude from a region ("Supported Regions and models for inference profiles").
 * Ids that name their profile, and other makers' models, stay as they are.
 */
export function bedrockProfile(upstreamName: string, region: string | undefined): string {
  if (region === undefined || !upstreamName.startsWith('anthropic.')) return upstreamName;
  if (region.startsWith('us-gov-')) return `us-gov.${upstreamName}`;
  if (region.startsWith('eu-')) return `eu.${upstreamName}`;
  if (region.startsWith('ap-northeast-')) return `jp.${upstreamName}`;
  if (/^ap-southeast-[246]$/.test(region)) return `au.${upstreamName}`;
  if (region.startsWith('ap-')) return `apac.${upstreamName}`;
  return `us.${upstreamName}`;
}
