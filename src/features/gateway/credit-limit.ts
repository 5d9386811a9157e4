import { CREDIT_LIMIT } from '../metering/index.ts';
import type { JsonObject } from '../providers/index.ts';
import { editEvents } from './stream-edit.ts';

/** The member that says that the credit did not reach further, beside the format's own word for an answer that was cut at its bound. Clients of the formats pass over what they do not know. */
const MARK = { parallax: { stop_reason: CREDIT_LIMIT } } as const;

/** A whole answer's body with the mark. */
export function markedBody(body: string): string {
  return JSON.stringify({ ...(JSON.parse(body) as JsonObject), ...MARK });
}

/** The last events of a stream with the mark where they say why the answer ended. */
export function markedEvents(text: string): string {
  return editEvents(text, (data) => {
    if (data.type === 'message_delta') return { ...data, ...MARK };
    if (data.type === 'response.incomplete')
      return { ...data, response: { ...(data.response as JsonObject), ...MARK } };
    const [choice] = Array.isArray(data.choices) ? (data.choices as JsonObject[]) : [];
    return typeof choice?.finish_reason === 'string' ? { ...data, ...MARK } : data;
  });
}
