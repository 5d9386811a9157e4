import type { JsonObject, UpstreamErrorInfo } from '../providers/index.ts';
import { editEvents } from './stream-edit.ts';

/** How an answer is marked that was ended because the credit did not reach further, in its record and towards its client. */
export const CREDIT_LIMIT = 'credit_limit';

/** The same as the reason for which a stream was ended. */
export const CREDIT_ENDED: UpstreamErrorInfo = {
  kind: 'quota_exceeded',
  code: CREDIT_LIMIT,
  message: 'The credit did not reach further.',
};

/** The member that says so, beside the format's own word for an answer that was cut at its bound. Clients of the formats pass over what they do not know. */
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
