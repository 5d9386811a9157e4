import type { Target } from './load/job.ts';
import { requestBody } from './request-body.ts';
import { PATHS, type WireFormat } from './wire-format.ts';

export type ContenderName = 'bare' | 'stage' | 'ours' | 'portkey';

/** A gateway that is measured: a process of its own before the one upstream. */
export interface Contender {
  readonly name: ContenderName;
  readonly url: URL;
  readonly pid: number;
  /** What it wants to be told to reach an upstream of this format, asked in that one. */
  headers(asked: WireFormat): Readonly<Record<string, string>>;
  /** The same of many tenants, where it knows tenants. */
  readonly crowd?: readonly Readonly<Record<string, string>>[];
  /** What it calls the model that answers in this format. */
  model(upstream: WireFormat): string;
  stop(): Promise<void>;
}

/** The upstream's models as their providers name them: ones whose prices the catalog has. */
export const UPSTREAM_MODELS: Readonly<Record<WireFormat, string>> = {
  'openai-chat': 'gpt-4o-mini',
  'openai-responses': 'gpt-4o-mini',
  'anthropic-messages': 'claude-haiku-4-5',
};

/** The key as a client of this format sends it. */
export function keyHeaders(asked: WireFormat, key: string): Readonly<Record<string, string>> {
  return asked === 'anthropic-messages'
    ? { 'x-api-key': key, 'anthropic-version': '2023-06-01' }
    : { authorization: `Bearer ${key}` };
}

export interface Question {
  readonly asked: WireFormat;
  readonly upstream: WireFormat;
  readonly pieces: number;
  readonly stream: boolean;
}

export function targetOf(contender: Contender, { asked, upstream, pieces, stream }: Question): Target {
  return {
    url: new URL(PATHS[asked], contender.url).href,
    headers: contender.headers(asked),
    body: requestBody(asked, contender.model(upstream), pieces, stream),
    format: asked,
  };
}
