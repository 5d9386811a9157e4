/** The error bodies of the Responses API are those of chat completions; in a stream they stand in `error` and `response.failed` events. */
export { decodeError, encodeError, errorCode, errorIn, errorInfo } from '../openai-chat/errors.ts';
