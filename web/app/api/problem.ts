import type { z } from 'zod';
import type { problemSchema } from '../../../src/contracts/errors.ts';

type ProblemDocument = z.infer<typeof problemSchema>;

/** What went wrong with a request, as the server said it or as we can tell: always a sentence for the person. */
export class Problem extends Error {
  override readonly name = 'Problem';
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** A stable name for programs: those of `src/platform/errors.ts`, `unreachable`, or `unreadable`. */
  readonly code: string;
  /** The field that is wrong, as a path. */
  readonly param: string | null;
  readonly requestId: string | null;
  /** More members of the document: `reason`, `limit`, `tenant_ids` … */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(fields: {
    readonly status: number;
    readonly code: string;
    readonly message: string;
    readonly param?: string | null;
    readonly requestId?: string | null;
    readonly details?: Readonly<Record<string, unknown>>;
  }) {
    super(fields.message);
    this.status = fields.status;
    this.code = fields.code;
    this.param = fields.param ?? null;
    this.requestId = fields.requestId ?? null;
    this.details = fields.details ?? {};
  }

  /** Why, where the code alone does not say: `not_fresh`, `wrong_password`, `email_not_verified` … */
  get reason(): string | null {
    return typeof this.details.reason === 'string' ? this.details.reason : null;
  }
}

/** No answer came: the network, or the server, is away. */
export function unreachable(): Problem {
  return new Problem({
    status: 0,
    code: 'unreachable',
    message: 'The server cannot be reached. Check your connection, then try again.',
  });
}

/** The problem that an answer tells of; one of our own where its body is none. */
export function problemOf(status: number, body: unknown): Problem {
  if (!isDocument(body)) {
    return new Problem({
      status,
      code: 'unreadable',
      message: `The server answered ${status} and did not say why. Try again in a moment.`,
    });
  }
  const {
    type: _type,
    title: _title,
    status: _status,
    detail,
    instance: _path,
    code,
    param,
    request_id,
    ...details
  } = body;
  return new Problem({
    status,
    code,
    message: withoutField(detail),
    param: param ?? null,
    requestId: request_id,
    details,
  });
}

/** Anything that was thrown, as a problem. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  console.error(error);
  return new Problem({
    status: 0,
    code: 'page',
    message: 'This page has met an error of its own. Reload it, then try again.',
  });
}

function isDocument(body: unknown): body is ProblemDocument & Record<string, unknown> {
  return (
    typeof body === 'object' &&
    body !== null &&
    'detail' in body &&
    typeof body.detail === 'string' &&
    'code' in body &&
    typeof body.code === 'string'
  );
}

/** “`name`: must have …” without the name that programs know it by: beside the field it is plain what is meant. Pure. */
function withoutField(detail: string): string {
  const match = /^`[^`]+`:?\s+(.+)$/s.exec(detail);
  if (match?.[1] === undefined) return detail;
  const rest = PLAIN.reduce((text, [from, to]) => text.replace(from, to), match[1]);
  const sentence = /^(?:must|is|has|have)\b/.test(rest) ? `This ${rest}` : rest;
  const first = sentence.charAt(0).toUpperCase() + sentence.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

/** What the schema library says of a value, as a person would. */
const PLAIN: readonly (readonly [RegExp, string])[] = [
  [/^Too small: expected string to have >=1 characters?/, 'must not be empty'],
  [/^Too small: expected string to have >=(\d+) characters?/, 'must have at least $1 characters'],
  [/^Too big: expected string to have <=(\d+) characters?/, 'must have at most $1 characters'],
  [/^Too small: expected number to be >=?(\S+)/, 'must be at least $1'],
  [/^Too big: expected number to be <=?(\S+)/, 'must be at most $1'],
  [/^Too small: expected array to have >=(\d+) items?/, 'must have at least $1'],
  [/^Invalid email address/, 'This is not an e-mail address'],
  [/^Invalid input: expected number, received \w+/, 'must be a number'],
  [/^Invalid ISO datetime/, 'This is not a date and time'],
];

/** A problem by field, for a form with fields of these names; null when it concerns none of them. Pure. */
export function fieldErrors(
  problem: Problem | null,
  names: readonly string[],
): Readonly<Record<string, string>> | null {
  const field = problem?.param?.split(/[.[]/)[0];
  if (problem === null || field === undefined || !names.includes(field)) return null;
  return { [field]: problem.message };
}
