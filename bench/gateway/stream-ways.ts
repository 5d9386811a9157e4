import type { ContenderName } from './contender.ts';
import type { WireFormat } from './wire-format.ts';

/** Whom we ask in which format, and which format the upstream speaks. */
export interface StreamWay {
  readonly contender: ContenderName;
  readonly label: string;
  readonly asked: WireFormat;
  readonly upstream: WireFormat;
}

/** In groups by what the upstream speaks, each behind the bare pass-through that it is compared with. */
export const STREAM_WAYS: readonly StreamWay[] = [
  way('bare', 'bare, chat', 'openai-chat'),
  way('stage', 'one JavaScript stage, chat', 'openai-chat'),
  way('ours', 'Parallax, chat (its tail edited)', 'openai-chat'),
  way('ours', 'Parallax, messages from chat', 'anthropic-messages', 'openai-chat'),
  way('portkey', 'Portkey, chat', 'openai-chat'),
  way('bare', 'bare, responses', 'openai-responses'),
  way('ours', 'Parallax, responses', 'openai-responses'),
  way('bare', 'bare, messages', 'anthropic-messages'),
  way('ours', 'Parallax, messages', 'anthropic-messages'),
  way('ours', 'Parallax, chat from messages', 'openai-chat', 'anthropic-messages'),
];

function way(contender: ContenderName, label: string, asked: WireFormat, upstream = asked): StreamWay {
  return { contender, label, asked, upstream };
}
