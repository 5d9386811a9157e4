import { ParallaxError } from '../../platform/errors.ts';
import type { AppContext } from '../../platform/http/context.ts';
import { readJson } from '../../platform/http/read-json.ts';
import { answerHeaders } from './answer-headers.ts';
import { MAX_BODY_BYTES, modelsIn, withoutGatewayMembers } from './client-call.ts';
import { requestTokens } from './request-size.ts';
import { admissionOf } from './serving.ts';
import { MESSAGES } from './surface.ts';

/** What of a body a model is given to read. */
const READ_BY_MODELS = ['system', 'messages', 'tools', 'tool_choice', 'output_config', 'output_format'];

/**
 * Estimates the input of a message. No model is asked, so that none need be chosen: any name of a model, an alias or `auto` will do.
 */
export async function countTokens(c: AppContext): Promise<Response> {
  const admission = admissionOf(c);
  try {
    const whole = await readJson(c.req.raw, MAX_BODY_BYTES);
    modelsIn(whole);
    const body = withoutGatewayMembers(whole);
    if (!Array.isArray(body.messages)) {
      const problem = '`messages` must be an array.';
      throw new ParallaxError('invalid_parameter', problem, { param: 'messages' });
    }
    const read = Object.fromEntries(Object.entries(body).filter(([name]) => READ_BY_MODELS.includes(name)));
    c.set('sealed', true);
    return new Response(JSON.stringify({ input_tokens: requestTokens(read) }), {
      headers: answerHeaders({
        surface: MESSAGES,
        requestId: c.var.requestId,
        rate: admission.rate,
        contentType: 'application/json',
        target: null,
        cost: null,
      }),
    });
  } finally {
    admission.release();
  }
}
