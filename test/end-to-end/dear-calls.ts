import { inject } from 'vitest';
import type { PersonAtABrowser } from './person-at-a-browser.ts';

/** A model whose answers cost dollars, on the local models: a token of an answer is ten cents. */
const MODEL = 'openai/dear';
const PRICING = { input: 10_000, output: 100_000 };

/** Brings a provider key to the tenant that somebody acts for, and gives its dear model a price. Answers the key's id. */
export async function bringDearModel(person: PersonAtABrowser, name: string): Promise<string> {
  const model = await fetch(`${inject('baseUrl')}/v1/operator/models/${MODEL}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${inject('operatorToken')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ upstream_name: 'swift', pricing: PRICING }),
  });
  if (!model.ok) throw new Error(`the model has no price: ${model.status} ${await model.text()}`);
  const { id } = await person.ask<{ id: string }>('POST', '/v1/provider-keys', {
    provider: 'openai',
    key: 'sk-local-0123456789abcdef',
    name,
    base_url: `${inject('serverModelsUrl')}/v1`,
  });
  return id;
}

/** One dear call with an API key. Answers why it was refused; null when it was not. */
export async function dearCall(key: string): Promise<string | null> {
  const answer = await fetch(`${inject('baseUrl')}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: MODEL,
      max_tokens: 40,
      messages: [{ role: 'user', content: 'Should a small team use microservices?' }],
    }),
  });
  const text = await answer.text();
  if (answer.ok) return null;
  if (answer.status !== 402) throw new Error(`a dear call: ${answer.status} ${text}`);
  return text;
}
