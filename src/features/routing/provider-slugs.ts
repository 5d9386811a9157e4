import { ParallaxError } from '../../platform/errors.ts';
import { PROVIDERS } from '../providers/index.ts';

/** What OpenRouter calls providers that have another id here, or that people write otherwise. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  'google-ai-studio': 'google',
  gemini: 'google',
  'google-gemini': 'google',
  'google-vertex': 'vertex_ai',
  vertex: 'vertex_ai',
  'vertex-ai': 'vertex_ai',
  'amazon-bedrock': 'aws_bedrock',
  bedrock: 'aws_bedrock',
  'aws-bedrock': 'aws_bedrock',
  'azure-openai': 'azure',
  'x-ai': 'xai',
  togetherai: 'together',
  'together-ai': 'together',
  'fireworks-ai': 'fireworks',
  mistralai: 'mistral',
  cloudflare: 'workers_ai',
  'workers-ai': 'workers_ai',
  'cloudflare-workers-ai': 'workers_ai',
  nvidia: 'nvidia_nim',
  'nvidia-nim': 'nvidia_nim',
  'hugging-face': 'huggingface',
  'hf-inference': 'huggingface',
};

/**
 * Providers that people's preferences name since OpenRouter has them, and that Parallax has no row for. They are let through and serve
 * nothing, where a misspelt name is refused.
 */
const ELSEWHERE = new Set(
  'ai21 aion-labs alibaba arcee-ai atlas-cloud avian baseten black-forest-labs byteplus cerebras chutes cirrascale clarifai crusoe deepinfra enfer featherless friendli gmicloud hyperbolic inception inference-net infermatic inflection io-net kluster lambda lepton liquid mancer mara minimax modal modelrun moonshotai morph ncompass nebius nextbit nineteen novita open-inference parasail phala relace sambanova siliconflow stealth stepfun streamlake switchpoint targon ubicloud venice wandb writer xiaomi z-ai'.split(
    ' ',
  ),
);

const IDS = new Set(PROVIDERS.map(({ id }) => id));

/**
 * The ids of the providers that a list of names means, whatever their case: our ids, and the names that OpenRouter uses. Throws `ParallaxError`
 * `invalid_parameter` for a name that nobody knows, and for one endpoint of a provider (`google-vertex/europe`): which endpoint serves is the deployment's setting, and to
 * let it pass would promise what is not kept. `field` is the field's path.
 */
export function providerIds(names: readonly string[], field: string): string[] {
  return names.flatMap((name, index) => {
    const slug = name.trim().toLowerCase();
    if (slug.includes('/')) {
      throw refused(
        field,
        index,
        `"${name}" names one endpoint of a provider, which cannot be chosen here. Name the provider alone.`,
      );
    }
    const id = OTHER_NAMES[slug] ?? slug;
    if (IDS.has(id)) return [id];
    if (ELSEWHERE.has(slug)) return [];
    throw refused(field, index, `there is no provider "${name.slice(0, 60)}". GET /v1/providers lists them.`);
  });
}

function refused(field: string, index: number, sentence: string): ParallaxError {
  const param = `${field}[${index}]`;
  return new ParallaxError('invalid_parameter', `\`${param}\`: ${sentence}`, { param });
}
