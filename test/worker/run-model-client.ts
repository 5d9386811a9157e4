import { env } from 'cloudflare:workers';
import type { Principal } from '../../src/contracts/principal.ts';
import { configOf } from '../../src/env.ts';
import {
  type AskedConversation,
  askRunModel,
  createRunService,
  type RunModelAnswer,
  type RunModelOptions,
  type RunModelSpec,
  type RunReceipt,
} from '../../src/features/perspectives/index.ts';
import type { ConversationEvent, Message, Tool } from '../../src/features/providers/index.ts';
import { systemClock } from '../../src/platform/clock.ts';
import type { Client } from './client.ts';

export const TRIO = ['local/swift', 'local/sage', 'local/scribe'];

/** The run service as a route gets it. */
export const runs = createRunService({
  env,
  config: configOf(env),
  clock: systemClock,
  askedBy: { requestId: null, client: null },
});

export function principalOf(client: Client): Principal {
  return {
    tenantId: client.tenantId,
    userId: 'usr_test',
    role: 'owner',
    via: 'key',
    scopes: ['perspectives'],
  };
}

export const user = (text: string): Message => ({ role: 'user', parts: [{ type: 'text', text }] });

export const WEATHER: Tool = {
  name: 'get_weather',
  description: 'The weather of a city',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
export const CLOCK: Tool = {
  name: 'get_time',
  description: 'The time in a city',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

/** What became of a turn: its events, put together as a client would. */
export interface Turn {
  readonly runId: string;
  readonly events: readonly ConversationEvent[];
  readonly text: string;
  readonly calls: readonly { id: string; name: string; arguments: string; signature?: string }[];
  /** The reason of the one `finish`, or `error KIND`. */
  readonly end: string;
  readonly receipt: RunReceipt;
}

/** Starts a turn. */
export function start(
  client: Client,
  spec: Partial<RunModelSpec>,
  request: AskedConversation,
  options: Partial<RunModelOptions> = {},
): Promise<RunModelAnswer> {
  return askRunModel(runs, principalOf(client), { strategy: 'consensus', models: TRIO, ...spec }, request, {
    signal: new AbortController().signal,
    ...options,
  });
}

/** Takes a turn to its end. */
export async function turn(
  client: Client,
  spec: Partial<RunModelSpec>,
  request: AskedConversation,
  options: Partial<RunModelOptions> = {},
): Promise<Turn> {
  const answer = await start(client, spec, request, options);
  const events = await Array.fromAsync(answer.events);
  return { ...joined(events), runId: answer.runId, events, receipt: answer.receipt() };
}

/** Events put together. Throws when their order is not that of `ConversationEvent`. */
export function joined(events: readonly ConversationEvent[]): Pick<Turn, 'text' | 'calls' | 'end'> {
  let text = '';
  let end = '';
  const calls: { id: string; name: string; arguments: string; signature?: string }[] = [];
  events.forEach((event, at) => {
    const last = at === events.length - 1;
    if ((event.type === 'start') !== (at === 0 && event.type !== 'error'))
      throw new Error('no start, or two');
    if (last !== (event.type === 'end' || event.type === 'error')) throw new Error('no end, or too early');
    if (event.type === 'text' || event.type === 'refusal') text += event.text;
    if (event.type === 'tool_call_start') {
      const { id, name, signature } = event;
      calls.push({ id, name, arguments: '', ...(signature === undefined ? {} : { signature }) });
    }
    const call = event.type === 'tool_call_arguments' ? calls[event.call] : undefined;
    if (call !== undefined && event.type === 'tool_call_arguments') call.arguments += event.fragment;
    if (event.type === 'finish') {
      if (end !== '') throw new Error('two finishes');
      end = event.reason;
    }
    if (event.type === 'error') end = `error ${event.error.kind}`;
  });
  return { text, calls, end };
}
