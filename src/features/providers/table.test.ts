import { describe, expect, it } from 'vitest';
import { availability, missingSettings, providerSettingNames } from './availability.ts';
import { codecOf } from './codec-of.ts';
import { WIRE_FORMATS, type WireFormat } from './conversation.ts';
import { upstreamRequest } from './dialect.ts';
import { baseUrl, wireOf, withDefaults } from './endpoint.ts';
import { PROVIDERS, providerById } from './table.ts';

/** What a person sets to use each provider: no more than this may be asked of them. */
const SETTINGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  openai: { OPENAI_API_KEY: 'k' },
  anthropic: { ANTHROPIC_API_KEY: 'k' },
  google: { GEMINI_API_KEY: 'k' },
  azure: { AZURE_OPENAI_API_KEY: 'k', AZURE_OPENAI_ENDPOINT: 'https://res.openai.azure.com/' },
  aws_bedrock: { AWS_ACCESS_KEY_ID: 'i', AWS_SECRET_ACCESS_KEY: 's', AWS_REGION: 'eu-west-1' },
  vertex_ai: { GOOGLE_SERVICE_ACCOUNT_JSON: '{}', VERTEX_PROJECT: 'proj' },
  openrouter: { OPENROUTER_API_KEY: 'k' },
  together: { TOGETHER_API_KEY: 'k' },
  fireworks: { FIREWORKS_API_KEY: 'k' },
  groq: { GROQ_API_KEY: 'k' },
  perplexity: { PERPLEXITY_API_KEY: 'k' },
  deepseek: { DEEPSEEK_API_KEY: 'k' },
  xai: { XAI_API_KEY: 'k' },
  mistral: { MISTRAL_API_KEY: 'k' },
  cohere: { COHERE_API_KEY: 'k' },
  huggingface: { HF_TOKEN: 'k' },
  replicate: { REPLICATE_API_TOKEN: 'k' },
  nvidia_nim: { NVIDIA_API_KEY: 'k' },
  litellm: { LITELLM_BASE_URL: 'http://127.0.0.1:4000' },
  workers_ai: { CLOUDFLARE_API_TOKEN: 'k', CLOUDFLARE_ACCOUNT_ID: 'acc' },
  ollama: { OLLAMA_BASE_URL: 'http://127.0.0.1:11434' },
  local: { LOCAL_MODELS_URL: 'http://127.0.0.1:4010' },
  compatible: { COMPATIBLE_BASE_URL: 'http://127.0.0.1:8000/v1' },
};

/** Where a streamed request to a model goes. */
function urlOf(
  id: string,
  model: string,
  more: Readonly<Record<string, string>> = {},
  wanted?: WireFormat,
): string {
  const provider = providerById(id);
  if (provider === undefined) throw new Error(`no provider ${id}`);
  const settings = withDefaults(provider, { ...SETTINGS[id], ...more });
  const wire = wireOf(provider, model, wanted);
  const base = baseUrl(provider, wire, settings);
  if (base === undefined) throw new Error(`${id} does not speak ${wire}`);
  const request = {
    model,
    stream: true,
    messages: [{ role: 'user' as const, parts: [{ type: 'text' as const, text: 'hi' }] }],
  };
  const encoded = codecOf(provider, wire).encodeRequest(request);
  return upstreamRequest(provider, wire, base, encoded, request, settings).url;
}

describe('the table', () => {
  it('has each provider once, every one with its customary settings', () => {
    expect(PROVIDERS.map((provider) => provider.id)).toEqual(Object.keys(SETTINGS));
  });

  it.each(PROVIDERS.map((provider) => [provider.id, provider] as const))(
    '%s is available with its own settings alone',
    (id, provider) => {
      const config = { providerSettings: SETTINGS[id] ?? {} };
      expect(availability(config, id)).toEqual({ available: true, needs: [] });
      expect(availability({ providerSettings: {} }, id).needs).toEqual(Object.keys(SETTINGS[id] ?? {}));
      for (const name of Object.keys(SETTINGS[id] ?? {})) {
        const { [name]: _, ...others } = SETTINGS[id] ?? {};
        expect(missingSettings(provider, others)).toContain(name);
        expect(providerSettingNames).toContain(name);
      }
    },
  );

  it.each(PROVIDERS.map((provider) => [provider.id, provider] as const))(
    '%s can be pointed elsewhere by its address setting',
    (_, provider) => {
      expect(providerSettingNames).toContain(provider.originSetting);
      const settings = { ...SETTINGS[provider.id], [provider.originSetting]: 'http://127.0.0.1:9999' };
      for (const wire of WIRE_FORMATS) {
        if (provider.paths[wire] === undefined) continue;
        expect(baseUrl(provider, wire, settings)).toMatch(/^http:\/\/127\.0\.0\.1:9999/);
      }
    },
  );

  it('speaks every format it says it speaks', () => {
    for (const provider of PROVIDERS) {
      expect(provider.paths[provider.wire]).toBeDefined();
      for (const rule of provider.wireRules ?? []) expect(provider.paths[rule.wire]).toBeDefined();
    }
  });

  it('says of none that passes requests on, or whose terms depend on the plan, that it does not train on inputs', () => {
    const promised = PROVIDERS.filter(({ trainsOnInputs }) => trainsOnInputs === 'no').map(({ id }) => id);
    expect(promised).toEqual([
      'openai',
      'anthropic',
      'azure',
      'aws_bedrock',
      'vertex_ai',
      'fireworks',
      'groq',
      'perplexity',
      'xai',
      'workers_ai',
      'ollama',
      'local',
    ]);
  });

  it('shares no address setting between two providers', () => {
    const names = PROVIDERS.map((provider) => provider.originSetting);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('the address of a request', () => {
  it.each([
    ['openai', 'gpt-5', 'https://api.openai.com/v1/chat/completions'],
    ['openai', 'o3-pro', 'https://api.openai.com/v1/responses'],
    ['openai', 'gpt-5-codex', 'https://api.openai.com/v1/responses'],
    ['anthropic', 'claude-opus-5', 'https://api.anthropic.com/v1/messages'],
    [
      'google',
      'gemini-2.5-pro',
      'https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse',
    ],
    ['azure', 'my-gpt', 'https://res.openai.azure.com/openai/v1/chat/completions'],
    ['azure', 'claude-opus-5', 'https://res.openai.azure.com/anthropic/v1/messages'],
    [
      'aws_bedrock',
      'openai.gpt-oss-120b-1:0',
      'https://bedrock-runtime.eu-west-1.amazonaws.com/openai/v1/chat/completions',
    ],
    [
      'aws_bedrock',
      'eu.anthropic.claude-opus-5',
      'https://bedrock-runtime.eu-west-1.amazonaws.com/anthropic/v1/messages',
    ],
    [
      'vertex_ai',
      'gemini-2.5-pro',
      'https://aiplatform.googleapis.com/v1/projects/proj/locations/global/publishers/google/models/gemini-2.5-pro:streamGenerateContent?alt=sse',
    ],
    [
      'vertex_ai',
      'claude-opus-5',
      'https://aiplatform.googleapis.com/v1/projects/proj/locations/global/publishers/anthropic/models/claude-opus-5:streamRawPredict',
    ],
    [
      'vertex_ai',
      'meta/llama-4-maas',
      'https://aiplatform.googleapis.com/v1/projects/proj/locations/global/endpoints/openapi/chat/completions',
    ],
    ['openrouter', 'openai/gpt-5', 'https://openrouter.ai/api/v1/chat/completions'],
    ['together', 'm', 'https://api.together.xyz/v1/chat/completions'],
    ['fireworks', 'm', 'https://api.fireworks.ai/inference/v1/chat/completions'],
    ['groq', 'm', 'https://api.groq.com/openai/v1/chat/completions'],
    ['perplexity', 'sonar', 'https://api.perplexity.ai/chat/completions'],
    ['perplexity', 'openai/gpt-5.4', 'https://api.perplexity.ai/v1/responses'],
    ['deepseek', 'm', 'https://api.deepseek.com/chat/completions'],
    ['xai', 'm', 'https://api.x.ai/v1/chat/completions'],
    ['mistral', 'm', 'https://api.mistral.ai/v1/chat/completions'],
    ['cohere', 'm', 'https://api.cohere.ai/compatibility/v1/chat/completions'],
    ['huggingface', 'a/b', 'https://router.huggingface.co/v1/chat/completions'],
    ['nvidia_nim', 'a/b', 'https://integrate.api.nvidia.com/v1/chat/completions'],
    ['litellm', 'm', 'http://127.0.0.1:4000/v1/chat/completions'],
    ['workers_ai', '@cf/m', 'https://api.cloudflare.com/client/v4/accounts/acc/ai/v1/chat/completions'],
    ['ollama', 'm', 'http://127.0.0.1:11434/v1/chat/completions'],
    ['compatible', 'm', 'http://127.0.0.1:8000/v1/chat/completions'],
  ])('for %s/%s is %s', (id, model, url) => {
    expect(urlOf(id, model)).toBe(url);
  });

  it.each([
    ['openai-chat', 'http://127.0.0.1:4010/v1/chat/completions'],
    ['openai-responses', 'http://127.0.0.1:4010/v1/responses'],
    ['anthropic-messages', 'http://127.0.0.1:4010/v1/messages'],
    ['gemini', 'http://127.0.0.1:4010/v1beta/models/sage:streamGenerateContent?alt=sse'],
  ] as const)('of a local model in %s is %s', (wire, url) => {
    expect(urlOf('local', 'sage', {}, wire)).toBe(url);
  });

  it('does not get its version twice when the setting already has it', () => {
    expect(urlOf('anthropic', 'claude-opus-5', { ANTHROPIC_BASE_URL: 'http://127.0.0.1:1/v1/' })).toBe(
      'http://127.0.0.1:1/v1/messages',
    );
    expect(urlOf('ollama', 'm', { OLLAMA_BASE_URL: 'http://127.0.0.1:11434/v1' })).toBe(
      'http://127.0.0.1:11434/v1/chat/completions',
    );
    expect(urlOf('azure', 'm', { AZURE_OPENAI_ENDPOINT: 'https://res.openai.azure.com/openai/v1' })).toBe(
      'https://res.openai.azure.com/openai/v1/chat/completions',
    );
  });

  it.each([
    ['us', 'https://aiplatform.us.rep.googleapis.com/'],
    ['eu', 'https://aiplatform.eu.rep.googleapis.com/'],
    ['us-central1', 'https://us-central1-aiplatform.googleapis.com/'],
  ])('in Vertex location %s is on %s', (location, host) => {
    expect(urlOf('vertex_ai', 'gemini-2.5-pro', { VERTEX_LOCATION: location })).toContain(host);
  });

  it.each([
    [
      '2024-10-21',
      'my-gpt',
      undefined,
      'https://res.openai.azure.com/openai/deployments/my-gpt/chat/completions?api-version=2024-10-21',
    ],
    [
      '2025-04-01-preview',
      'my-gpt',
      'openai-responses',
      'https://res.openai.azure.com/openai/responses?api-version=2025-04-01-preview',
    ],
    [
      'preview',
      'my-gpt',
      undefined,
      'https://res.openai.azure.com/openai/v1/chat/completions?api-version=preview',
    ],
    ['v1', 'my-gpt', undefined, 'https://res.openai.azure.com/openai/v1/chat/completions'],
  ] as const)('with Azure’s API version %s for %s (%s) is %s', (version, model, wire, url) => {
    expect(urlOf('azure', model, { AZURE_OPENAI_API_VERSION: version }, wire)).toBe(url);
  });

  it('cannot be bent by a setting that holds more than a name', () => {
    expect(urlOf('vertex_ai', 'gemini-2.5-pro', { VERTEX_PROJECT: '../../evil?x=' })).toContain(
      '/projects/..%2F..%2Fevil%3Fx%3D/locations/',
    );
    expect(urlOf('aws_bedrock', 'm', { AWS_REGION: 'x.evil.example/' })).toContain(
      'bedrock-runtime.x.evil.example%2F.amazonaws.com',
    );
  });
});

describe('what a provider needs', () => {
  it('is its address when the one given has no scheme', () => {
    const settings = { ...SETTINGS.azure, AZURE_OPENAI_ENDPOINT: 'res.openai.azure.com' };
    expect(availability({ providerSettings: settings }, 'azure')).toEqual({
      available: false,
      needs: ['AZURE_OPENAI_ENDPOINT'],
    });
  });

  it('is met by a Bedrock API key in the place of an access key', () => {
    expect(
      availability(
        { providerSettings: { AWS_BEARER_TOKEN_BEDROCK: 'b', AWS_REGION: 'us-east-1' } },
        'aws_bedrock',
      ).available,
    ).toBe(true);
    expect(
      availability({ providerSettings: { AWS_BEARER_TOKEN_BEDROCK: 'b' } }, 'aws_bedrock').needs,
    ).toEqual(['AWS_REGION']);
  });

  it('is nothing for a provider that does not exist, which is not available either', () => {
    expect(availability({ providerSettings: {} }, 'nobody')).toEqual({ available: false, needs: [] });
  });
});
