/**
 * Structured logs: one JSON object a line on the console, which Workers Logs and `wrangler tail` index by field.
 * Fields named like secrets are dropped and texts shaped like keys are masked: a log is never the place a secret leaks.
 */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds these fields to every line. */
  with(fields: LogFields): Logger;
}

const SECRET_FIELD = /authorization|cookie|password|secret|token$|api[-_]?key|^key$|credential/i;
/** Keys of ours, bearers, and the shapes that providers give theirs; those without one are taken out by value where they are known. */
const SECRET_TEXT = new RegExp(
  [
    'plx_[sp]k_[A-Za-z0-9_-]{8,}',
    '\\bsk-[A-Za-z0-9_-]{8,}',
    '\\b(?:gsk_|hf_|r8_|fw_|xai-|pplx-|nvapi-|csk-)[A-Za-z0-9_-]{16,}',
    '\\bBearer\\s+[A-Za-z0-9._~+/-]{8,}=*',
    '\\b(?:AKIA|ASIA)[A-Z0-9]{12,}',
    '\\bAIza[A-Za-z0-9_-]{20,}',
    '\\bya29\\.[A-Za-z0-9_.-]{8,}',
  ].join('|'),
  'g',
);

/** Masks what looks like a key or token inside a text. */
export function redactText(text: string): string {
  return text.replace(SECRET_TEXT, '[redacted]');
}

/**
 * drizzle puts a failed query's parameters, people's names and prompts among them, into the error's message. They may have any
 * number of lines, so everything after them goes.
 */
function errorText(message: string): string {
  return redactText(message.replace(/^(Failed query:[\s\S]*?\nparams:)[\s\S]*$/, '$1 [redacted]'));
}

/** An error's name, message and stack. The stack begins with the message, which is put in its masked form. */
function redactError({ name, message, stack = '' }: Error): Record<string, string> {
  const safe = errorText(message);
  return {
    name,
    message: safe,
    stack: redactText(message === '' ? stack : stack.replace(message, () => safe)),
  };
}

function redact(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactText(value.length > 4096 ? `${value.slice(0, 4096)}…` : value);
  if (value instanceof Error) return redactError(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (depth > 4) return '[deep]';
  if (Array.isArray(value)) return value.slice(0, 50).map((item) => redact(item, depth + 1));
  const result: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) {
    result[name] = SECRET_FIELD.test(name) ? '[redacted]' : redact(item, depth + 1);
  }
  return result;
}

type Sink = (level: 'info' | 'warn' | 'error', line: string) => void;

const consoleSink: Sink = (level, line) => {
  if (level === 'error') console.error(line);
  else if (level === 'warn') console.warn(line);
  else console.log(line);
};

/** A logger that is made when it first has something to say: most requests say nothing. */
export function lazyLogger(fields: () => LogFields): Logger {
  let made: Logger | undefined;
  const logger = () => {
    made ??= createLogger(fields());
    return made;
  };
  return {
    info: (message, more) => logger().info(message, more),
    warn: (message, more) => logger().warn(message, more),
    error: (message, more) => logger().error(message, more),
    with: (more) => logger().with(more),
  };
}

/** Makes a logger. `sink` is where lines go; the console unless a test says otherwise. */
export function createLogger(fields: LogFields = {}, sink: Sink = consoleSink): Logger {
  const write = (level: 'info' | 'warn' | 'error', message: string, more?: LogFields) => {
    const safe = redact({ ...fields, ...more }, 0) as Record<string, unknown>;
    sink(level, JSON.stringify({ level, message: redactText(message), ...safe }));
  };
  return {
    info: (message, more) => write('info', message, more),
    warn: (message, more) => write('warn', message, more),
    error: (message, more) => write('error', message, more),
    with: (more) => createLogger({ ...fields, ...more }, sink),
  };
}
