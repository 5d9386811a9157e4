import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { authorize } from './authorize.ts';
import { NO_ABORT } from './call-fixture.ts';
import type { WireFormat } from './conversation.ts';
import type { Settings } from './definition.ts';
import { createGoogleTokens } from './google-token.ts';
import { keyFrom } from './provider-key.ts';
import { providerById } from './table.ts';

const NOW = Date.UTC(2026, 7, 30, 12, 36, 0);
const clock = { now: () => NOW };
const tools = { clock, googleTokens: createGoogleTokens(clock), signal: NO_ABORT };

async function headersFor(
  id: string,
  settings: Settings,
  wire: WireFormat,
  url = 'https://x.example/v1/chat/completions',
  body = '{}',
) {
  const provider = providerById(id);
  if (provider === undefined) throw new Error(`no provider ${id}`);
  const key = await keyFrom(provider, settings, 'platform');
  if (key === undefined) throw new Error('the settings are not enough');
  return authorize(
    provider,
    wire,
    key,
    { method: 'POST', url, headers: { 'content-type': 'application/json' }, body },
    tools,
  );
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

describe('credentials', () => {
  it.each([
    ['openai', { OPENAI_API_KEY: 'sk-1' }, 'openai-chat', { authorization: 'Bearer sk-1' }],
    ['anthropic', { ANTHROPIC_API_KEY: 'a-1' }, 'anthropic-messages', { 'x-api-key': 'a-1' }],
    ['google', { GEMINI_API_KEY: 'g-1' }, 'gemini', { 'x-goog-api-key': 'g-1' }],
    [
      'azure',
      { AZURE_OPENAI_API_KEY: 'z-1', AZURE_OPENAI_ENDPOINT: 'https://r.example' },
      'openai-chat',
      { 'api-key': 'z-1' },
    ],
    [
      'azure',
      { AZURE_OPENAI_API_KEY: 'z-1', AZURE_OPENAI_ENDPOINT: 'https://r.example' },
      'anthropic-messages',
      { 'x-api-key': 'z-1' },
    ],
    [
      'aws_bedrock',
      { AWS_BEARER_TOKEN_BEDROCK: 'b-1', AWS_REGION: 'r' },
      'openai-chat',
      { authorization: 'Bearer b-1' },
    ],
    [
      'aws_bedrock',
      { AWS_BEARER_TOKEN_BEDROCK: 'b-1', AWS_REGION: 'r' },
      'anthropic-messages',
      { 'x-api-key': 'b-1' },
    ],
    [
      'compatible',
      { COMPATIBLE_BASE_URL: 'http://c.example/v1', COMPATIBLE_API_KEY: 'c-1' },
      'openai-chat',
      { authorization: 'Bearer c-1' },
    ],
    ['compatible', { COMPATIBLE_BASE_URL: 'http://c.example/v1' }, 'openai-chat', {}],
    ['local', { LOCAL_MODELS_URL: 'http://l.example' }, 'openai-chat', {}],
  ] as const)('of %s with %j in %s are %j', async (id, settings, wire, expected) => {
    expect(await headersFor(id, settings, wire)).toEqual({ 'content-type': 'application/json', ...expected });
  });
});

describe('AWS Signature Version 4', () => {
  const settings = {
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
    AWS_REGION: 'eu-west-1',
  };
  const url = 'https://bedrock-runtime.eu-west-1.amazonaws.com/openai/v1/chat/completions?b=2&a=1';
  const body = '{"model":"openai.gpt-oss-120b-1:0","text":"grüße 🌍"}';

  /** The signature as AWS describes it, step by step, from the headers that were signed. */
  function expectedSignature(headers: Record<string, string>): string {
    const signed = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '')?.[1]?.split(';') ?? [];
    const canonicalHeaders = signed
      .map((name) => `${name}:${name === 'host' ? new URL(url).host : headers[name]}\n`)
      .join('');
    const canonical = [
      'POST',
      '/openai/v1/chat/completions',
      'a=1&b=2',
      canonicalHeaders,
      signed.join(';'),
      sha256(body),
    ].join('\n');
    const scope = '20260830/eu-west-1/bedrock/aws4_request';
    const toSign = ['AWS4-HMAC-SHA256', '20260830T123600Z', scope, sha256(canonical)].join('\n');
    const day = hmac(`AWS4${settings.AWS_SECRET_ACCESS_KEY}`, '20260830');
    const signingKey = hmac(hmac(hmac(day, 'eu-west-1'), 'bedrock'), 'aws4_request');
    return hmac(signingKey, toSign).toString('hex');
  }

  it('is what node:crypto computes from the same request', async () => {
    const headers = await headersFor('aws_bedrock', settings, 'openai-chat', url, body);
    expect(headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20260830\/eu-west-1\/bedrock\/aws4_request, /,
    );
    expect(headers['x-amz-date']).toBe('20260830T123600Z');
    expect(headers.authorization).toMatch(new RegExp(`Signature=${expectedSignature(headers)}$`));
  });

  it('covers a session token', async () => {
    const headers = await headersFor(
      'aws_bedrock',
      { ...settings, AWS_SESSION_TOKEN: 'session-1' },
      'openai-chat',
      url,
      body,
    );
    expect(headers['x-amz-security-token']).toBe('session-1');
    expect(headers.authorization).toContain('x-amz-security-token');
    expect(headers.authorization).toMatch(new RegExp(`Signature=${expectedSignature(headers)}$`));
  });

  it('differs for another body', async () => {
    const one = await headersFor('aws_bedrock', settings, 'openai-chat', url, body);
    const other = await headersFor('aws_bedrock', settings, 'openai-chat', url, `${body} `);
    expect(one.authorization).not.toBe(other.authorization);
  });
});

describe('a key’s digest', () => {
  const openai = providerById('openai');
  if (openai === undefined) throw new Error('no provider openai');

  it('is the same for the same key, another for another, and says nothing of either', async () => {
    const digest = async (secret: string) =>
      (await keyFrom(openai, { OPENAI_API_KEY: secret }, 'platform'))?.digest;
    expect(await digest('sk-one')).toBe(await digest('sk-one'));
    expect(await digest('sk-one')).not.toBe(await digest('sk-two'));
    expect(await digest('sk-one')).toMatch(/^[0-9a-f]{16}$/);
  });

  it('tells servers apart that take no key', async () => {
    const compatible = providerById('compatible');
    if (compatible === undefined) throw new Error('no provider compatible');
    const digest = async (url: string) =>
      (await keyFrom(compatible, { COMPATIBLE_BASE_URL: url }, 'none'))?.digest;
    expect(await digest('http://a.example/v1')).not.toBe(await digest('http://b.example/v1'));
  });
});
