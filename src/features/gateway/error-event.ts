import { ParallaxError } from '../../platform/errors.ts';
import { errorBody } from '../../platform/http/error-response.ts';
import { formatSse } from '../../platform/sse.ts';
import type { UpstreamErrorInfo } from '../providers/index.ts';
import type { Surface } from './surface.ts';
import { errorOf } from './upstream-error.ts';

/**
 * An error in the middle of a stream, as the event that the format's clients raise: never the format's normal end, so that nobody takes
 * the beginning of an answer for the whole.
 */
export function errorEvent(surface: Surface, error: UpstreamErrorInfo, requestId: string): string {
  const { code, message } = errorOf(error);
  const body = errorBody(new ParallaxError(code, message), surface.errorShape, requestId);
  if (surface.format === 'openai-chat') return formatSse({ data: JSON.stringify(body) });
  if (surface.format === 'anthropic-messages')
    return formatSse({ event: 'error', data: JSON.stringify(body) });
  // The Responses API has the error's members at the top of its event ("error" of "Streaming events").
  const { error: members } = body as { error: Record<string, unknown> };
  return formatSse({
    event: 'error',
    data: JSON.stringify({ ...members, type: 'error', sequence_number: 0 }),
  });
}
