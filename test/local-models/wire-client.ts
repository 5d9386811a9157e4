/** What the tests of this folder share: asking a server and reading its streams. */
import { createLocalModels, type LocalModels, type LocalModelsOptions } from './server.ts';

/** An event of a stream, its data parsed. */
export interface ReadEvent {
  name: string | null;
  // Tests look deep into bodies of many shapes; each assertion checks the value itself.
  data: Loose;
}

/** JSON whose members can be reached without narrowing at each step; undefined where there is nothing. */
export interface Loose {
  readonly [key: string]: Loose;
}

export interface Asked {
  status: number;
  headers: Headers;
  text: string;
  json: Loose;
  events: ReadEvent[];
}

/** A server for tests: no delays, and `Retry-After: 0`. */
export function quickModels(options: LocalModelsOptions = {}): Promise<LocalModels> {
  return createLocalModels({ tokenDelayMs: 0, retryAfterSeconds: 0, ...options });
}

/** Reads server-sent events; `[DONE]` comes as the text it is. */
export function readEvents(text: string): ReadEvent[] {
  return text
    .split(/\r?\n\r?\n/)
    .filter((frame) => frame.trim() !== '')
    .map((frame) => {
      const lines = frame.split(/\r?\n/);
      const name = lines.find((line) => line.startsWith('event: '))?.slice(7) ?? null;
      const data = lines.flatMap((line) => (line.startsWith('data: ') ? line.slice(6) : [])).join('\n');
      return { name, data: data === '[DONE]' ? (data as unknown as Loose) : (JSON.parse(data) as Loose) };
    });
}

/** Sends a request with the headers that every provider's clients send, and reads the whole answer. */
export async function ask(url: string, body: unknown, init: RequestInit = {}): Promise<Asked> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: typeof body === 'string' || body instanceof Uint8Array ? (body as BodyInit) : JSON.stringify(body),
    ...init,
  });
  const text = await response.text();
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: (isStream ? {} : JSON.parse(text)) as Loose,
    events: isStream ? readEvents(text) : [],
  };
}

/** The prose answer of a model over OpenAI's chat format. */
export async function say(url: string, model: string, prompt: string, more: object = {}): Promise<string> {
  const asked = await ask(`${url}/v1/chat/completions`, {
    model,
    messages: [{ role: 'user', content: prompt }],
    ...more,
  });
  return String(asked.json.choices?.[0]?.message?.content);
}
