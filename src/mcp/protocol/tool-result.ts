import type { CallToolResult } from '@modelcontextprotocol/server';
import type { ParallaxError } from '../../platform/errors.ts';
import type { ToolAnswer } from '../tool.ts';

/** Under this key of `_meta` an error stands as programs read it; the text says the same to a model. */
export const ERROR_META = 'parallax/error';

/** A tool's answer as the wire has it: text for a model, the same for programs, and links to the whole. */
export function answerResult(answer: ToolAnswer<Record<string, unknown>>): CallToolResult {
  return {
    content: [
      { type: 'text', text: answer.text },
      ...answer.links.map((link) => ({ type: 'resource_link' as const, ...link })),
    ],
    structuredContent: answer.structured,
    ...(answer.failed === true ? { isError: true } : {}),
  };
}

/**
 * A refusal as a tool's result, so that the model reads it and can do what it says. There is no structured content: clients check that against the
 * tool's output schema, which describes answers.
 */
export function errorResult(error: ParallaxError, requestId: string): CallToolResult {
  const retry =
    error.retryAfterMs === undefined ? '' : ` Try again in ${Math.ceil(error.retryAfterMs / 1000)} s.`;
  return {
    content: [{ type: 'text', text: `${error.message}${retry} (${error.code}, ${requestId})` }],
    isError: true,
    _meta: {
      [ERROR_META]: {
        code: error.code,
        message: error.message,
        ...(error.param === undefined ? {} : { param: error.param }),
        ...(error.retryAfterMs === undefined ? {} : { retry_after_ms: error.retryAfterMs }),
        ...error.details,
        request_id: requestId,
      },
    },
  };
}
