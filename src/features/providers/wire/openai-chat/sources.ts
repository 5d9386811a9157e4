import type { Source } from '../../conversation.ts';

/**
 * A URL of the wire as a source: a base64 `data:` URL (RFC 2397) is taken apart, any other URL stays as it is. OpenAI's formats
 * put inlined images and files into such URLs.
 */
export function sourceOfUrl(url: string): Source {
  const comma = /^data:/i.test(url) ? url.indexOf(',') : -1;
  const header = comma < 0 ? '' : url.slice('data:'.length, comma);
  if (!/;base64$/i.test(header)) return { kind: 'url', url };
  const mediaType = header.slice(0, -';base64'.length);
  return {
    kind: 'base64',
    mediaType: mediaType === '' ? 'application/octet-stream' : mediaType,
    data: url.slice(comma + 1),
  };
}

/** The URL that says a source; `undefined` for a file id, which is no URL. */
export function urlOfSource(source: Source): string | undefined {
  if (source.kind === 'base64') return `data:${source.mediaType};base64,${source.data}`;
  return source.kind === 'url' ? source.url : undefined;
}

/** What an inlined file without a name is called on the wire: OpenAI refuses bytes without one. */
export const UNNAMED_FILE = 'file';

/** `input_audio.format` of a media type: `wav` and `mp3` are OpenAI's; other servers take the subtype's name. */
export function audioFormat(mediaType: string): string {
  const subtype = (mediaType.toLowerCase().split(';')[0] ?? '').trim().replace(/^audio\/(?:x-)?/, '');
  if (subtype === 'mpeg' || subtype === 'mpga') return 'mp3';
  return subtype === 'wave' || subtype === 'vnd.wave' ? 'wav' : subtype;
}

export function audioMediaType(format: string): string {
  return format === 'mp3' ? 'audio/mpeg' : `audio/${format}`;
}

/** The first base64 characters of audio files; an answer's audio does not say its format. */
const AUDIO_MAGIC: readonly (readonly [start: string, mediaType: string])[] = [
  ['UklGR', 'audio/wav'],
  ['SUQz', 'audio/mpeg'],
  ['//', 'audio/mpeg'],
  ['T2dnU', 'audio/ogg'],
  ['ZkxhQ', 'audio/flac'],
];

/** The media type of base64 audio by its first bytes; raw samples (`pcm16`) have no mark of their own. */
export function sniffedAudioType(data: string): string {
  return AUDIO_MAGIC.find(([start]) => data.startsWith(start))?.[1] ?? 'audio/pcm';
}
