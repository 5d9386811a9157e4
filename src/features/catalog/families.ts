import type { Capability, Category, Tier } from '../../contracts/models.ts';

/** What a family of models is and can do, by its plain name (`plainName`); the first row that matches counts. */
export interface Family {
  readonly names: RegExp;
  readonly maker?: string;
  readonly can: readonly Capability[];
  readonly contextWindow?: number;
  readonly maxOutputTokens?: number;
}

const TOOLS: readonly Capability[] = ['tools'];
const STRUCTURED: readonly Capability[] = ['tools', 'structured_output'];
const REASONS: readonly Capability[] = [...STRUCTURED, 'reasoning'];
const SEES: readonly Capability[] = [...STRUCTURED, 'vision'];
const SEES_REASONS: readonly Capability[] = [...STRUCTURED, 'vision', 'reasoning'];
const READS: readonly Capability[] = [...STRUCTURED, 'vision', 'files'];
const READS_REASONS: readonly Capability[] = [...READS, 'reasoning'];
const EVERYTHING: readonly Capability[] = [...READS_REASONS, 'audio_input'];

/**
 * From the makers' own model pages. A figure that differs between the providers of open weights is left out; a row of models.dev or of
 * the operator says more where there is one.
 */
export const FAMILIES: readonly Family[] = [
  {
    names: /^claude-(?:opus|sonnet|fable)-(?:4-[6-9]|[5-9]|\d\d)/,
    maker: 'anthropic',
    can: READS_REASONS,
    maxOutputTokens: 128_000,
  },
  {
    names: /^claude-(?:opus|sonnet|haiku)-4-5/,
    maker: 'anthropic',
    can: READS_REASONS,
    maxOutputTokens: 64_000,
  },
  { names: /^claude-opus-4/, maker: 'anthropic', can: READS_REASONS, maxOutputTokens: 32_000 },
  {
    names: /^claude-(?:sonnet-4|3-7)/,
    maker: 'anthropic',
    can: ['tools', 'vision', 'files', 'reasoning'],
    maxOutputTokens: 64_000,
  },
  { names: /^claude-3-5/, maker: 'anthropic', can: ['tools', 'vision', 'files'], maxOutputTokens: 8_192 },
  { names: /^claude-3/, maker: 'anthropic', can: ['tools', 'vision'], maxOutputTokens: 4_096 },
  { names: /^claude-[a-z]{4}/, maker: 'anthropic', can: READS_REASONS },
  { names: /^claude/, maker: 'anthropic', can: [] },

  { names: /^gpt-oss/, maker: 'openai', can: REASONS },
  { names: /^gpt-\d[\d-]*-chat/, maker: 'openai', can: SEES, maxOutputTokens: 16_384 },
  { names: /^gpt-(?:[5-9]|\d\d)/, maker: 'openai', can: READS_REASONS, maxOutputTokens: 128_000 },
  { names: /^gpt-4o.*search/, maker: 'openai', can: ['structured_output'], maxOutputTokens: 16_384 },
  { names: /^(?:gpt-4o|chatgpt-4o)/, maker: 'openai', can: READS, maxOutputTokens: 16_384 },
  { names: /^gpt-4-1(?:$|-)/, maker: 'openai', can: READS, maxOutputTokens: 32_768 },
  { names: /^gpt-4-(?:turbo|vision)/, maker: 'openai', can: ['tools', 'vision'], maxOutputTokens: 4_096 },
  { names: /^gpt-4-5/, maker: 'openai', can: SEES, maxOutputTokens: 16_384 },
  { names: /^gpt-4/, maker: 'openai', can: TOOLS, maxOutputTokens: 8_192 },
  { names: /^gpt-3/, maker: 'openai', can: TOOLS, maxOutputTokens: 4_096 },
  { names: /^(?:gpt|codex|computer-use)/, maker: 'openai', can: SEES_REASONS },
  { names: /^o1-(?:mini|preview)/, maker: 'openai', can: ['reasoning'], maxOutputTokens: 65_536 },
  { names: /^o3-mini/, maker: 'openai', can: REASONS, maxOutputTokens: 100_000 },
  { names: /^o[134](?:-|$)/, maker: 'openai', can: READS_REASONS, maxOutputTokens: 100_000 },

  {
    names: /^gemini-(?:(?:pro|flash)-)?1/,
    maker: 'google',
    can: [...READS, 'audio_input'],
    maxOutputTokens: 8_192,
  },
  {
    names: /^gemini-2-0/,
    maker: 'google',
    can: [...READS, 'audio_input'],
    contextWindow: 1_048_576,
    maxOutputTokens: 8_192,
  },
  { names: /^gemini/, maker: 'google', can: EVERYTHING, contextWindow: 1_048_576, maxOutputTokens: 65_536 },
  { names: /^gemma-4/, maker: 'google', can: SEES_REASONS },
  { names: /^gemma-3/, maker: 'google', can: ['structured_output', 'vision'] },
  { names: /^gemma/, maker: 'google', can: [] },

  { names: /^grok-.*non-reasoning/, maker: 'xai', can: SEES },
  { names: /^grok-(?:code|build|3-mini)/, maker: 'xai', can: REASONS },
  { names: /^grok-2-vision/, maker: 'xai', can: SEES },
  { names: /^grok-[23]/, maker: 'xai', can: STRUCTURED },
  { names: /^grok/, maker: 'xai', can: SEES_REASONS },

  { names: /^magistral/, maker: 'mistral', can: REASONS },
  {
    names: /^pixtral|^mistral-(?:large|medium|small)|^ministral-\d+b-(?:25|26|latest)/,
    maker: 'mistral',
    can: SEES,
  },
  { names: /^voxtral/, maker: 'mistral', can: [...STRUCTURED, 'audio_input'] },
  { names: /^(?:open-)?(?:mistral|mixtral)-(?:7b|8x7b|tiny)/, maker: 'mistral', can: [] },
  { names: /^(?:open-)?(?:mi|mini|code|dev)stral|mixtral/, maker: 'mistral', can: STRUCTURED },

  { names: /^deepseek-(?:r1|reasoner)/, maker: 'deepseek', can: ['reasoning', 'structured_output'] },
  { names: /^deepseek-v(?:3-[1-9]|[4-9])/, maker: 'deepseek', can: REASONS },
  { names: /^deepseek/, maker: 'deepseek', can: STRUCTURED },

  { names: /^command-a-vision|^c4ai-aya-vision/, maker: 'cohere', can: ['structured_output', 'vision'] },
  { names: /^command-a-(?:reasoning|plus)/, maker: 'cohere', can: REASONS },
  { names: /^command-(?:a|r)/, maker: 'cohere', can: STRUCTURED },
  { names: /^(?:command|c4ai)/, maker: 'cohere', can: [] },

  { names: /^sonar-(?:reasoning|deep)/, maker: 'perplexity', can: ['reasoning', 'structured_output'] },
  { names: /^sonar-pro/, maker: 'perplexity', can: ['structured_output', 'vision', 'files'] },
  { names: /^sonar/, maker: 'perplexity', can: ['structured_output'] },

  { names: /^llama-?4/, maker: 'meta', can: SEES },
  { names: /^llama-?(?:3-2|v3p2).*(?:vision|11b|90b)/, maker: 'meta', can: ['tools', 'vision'] },
  { names: /^(?:meta-)?llama-?v?(?:3-[1-9]|3p[1-9])/, maker: 'meta', can: TOOLS },
  { names: /^(?:meta-|code)?llama/, maker: 'meta', can: [] },

  { names: /^qwen.*(?:-vl|vl-)/, maker: 'qwen', can: SEES },
  { names: /^qwen-?3.*thinking/, maker: 'qwen', can: REASONS },
  { names: /^qwen-?3.*(?:instruct|coder|max$|-2507$)/, maker: 'qwen', can: STRUCTURED },
  { names: /^qwen-?(?:3-[5-9]|3p[5-9])/, maker: 'qwen', can: SEES_REASONS },
  { names: /^qwen-?3/, maker: 'qwen', can: REASONS },
  { names: /^qwq/, maker: 'qwen', can: ['reasoning', 'structured_output'] },
  { names: /^qwen-(?:max|plus|turbo)|^qwen-?2/, maker: 'qwen', can: STRUCTURED },

  { names: /^kimi-(?:k2-?(?:[5-9]|p[5-9])|k[3-9]|latest)/, maker: 'moonshotai', can: SEES_REASONS },
  { names: /^kimi.*thinking/, maker: 'moonshotai', can: REASONS },
  { names: /^(?:kimi|moonshot)/, maker: 'moonshotai', can: STRUCTURED },
  { names: /^glm-\d[\dp-]*v/, maker: 'zai', can: SEES_REASONS },
  { names: /^glm-(?:4-[5-9]|4p[5-9]|[5-9])/, maker: 'zai', can: REASONS },
  { names: /^minimax-m/, maker: 'minimax', can: ['tools', 'reasoning'] },
  { names: /^nova-(?:2-)?(?:lite|pro|premier)/, maker: 'amazon', can: ['tools', 'vision', 'files'] },
  { names: /^nova/, maker: 'amazon', can: TOOLS },
  { names: /nemotron-(?:3|nano|super|ultra)/, maker: 'nvidia', can: ['tools', 'reasoning'] },
  { names: /^phi-4-multimodal/, maker: 'microsoft', can: ['vision', 'audio_input'] },
  { names: /^(?:granite|palmyra|jamba|hermes|step|seed|mimo|mercury|solar|inkling|trinity)/, can: TOOLS },
  { names: /r1-distill|thinking|reasoning/, can: ['reasoning'] },
];

/** What a model is for; chat when none matches. */
export const CATEGORIES_BY_NAME: readonly { readonly names: RegExp; readonly category: Category }[] = [
  { names: /rerank/, category: 'rerank' },
  { names: /embed|(?:^|-)(?:bge|gte|e5)-|^ada$/, category: 'embedding' },
  { names: /moderation|guard(?:$|-)|safeguard/, category: 'moderation' },
  { names: /(?:^|-)image(?:$|-)|flux|dall-e|imagen|imagine|stable-diffusion/, category: 'image' },
  {
    names:
      /whisper|transcribe|(?:^|-)(?:tts|realtime|sonic|live|voice|audio|lyria|orpheus)(?:$|-)|voxtral-mini/,
    category: 'audio',
  },
];

/** Where the price alone would mislead. */
export const TIERS_BY_NAME: readonly { readonly names: RegExp; readonly tier: Tier }[] = [
  { names: /(?:^|-)(?:opus|fable|premier|astra)(?:$|-)/, tier: 'premium' },
  {
    names: /(?:^|-)(?:mini|nano|lite|haiku|luna|small|micro|tiny|instant|spark|ministral|\d{1,2}b)(?:$|-)/,
    tier: 'eco',
  },
  {
    names: /^gemini-\d[\d-]*-pro|^grok-[4-9](?:-\d+)?$|^mistral-large|^o\d-pro|^gpt-[\d-]+-pro/,
    tier: 'premium',
  },
  { names: /^gemini-\d[\d-]*-flash|-sonnet-/, tier: 'normal' },
];

/** Retired by their makers, or about to be: callable where a provider still serves them, never chosen (the makers' deprecation pages). */
export const RETIRED: readonly RegExp[] = [
  /^claude-(?:v?[12]|instant|3)/,
  /^claude-(?:opus|sonnet)-4(?:-[01])?(?:-20\d{6}.*)?$/,
  /^gpt-3|^gpt-4$|^gpt-4-(?!1(?:$|-))|^gpt-4o-(?:search|20)|^chatgpt-4o|^o1-(?:mini|preview)/,
  /^gemini-(?:pro|1|2-0|(?:flash|pro)-1|3-pro-preview)|^gemini.*-preview-\d/,
  /^gemma-(?:[27]b|2)/,
  /^grok-(?:beta|vision|2)/,
  /^llama-?v?2|^llama-?3-\d+b/,
  /^(?:open-)?mi[sx]tral-(?:tiny|7b|8x)/,
  /^qwen-?1/,
];
