import type {
  CallToolResult,
  InputRequiredResult,
  ServerContext,
  ToolAnnotations,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Permission } from '../contracts/permissions.ts';
import type { Principal } from '../contracts/principal.ts';
import type { Catalog } from '../features/catalog/index.ts';
import type { ReadUsage } from '../features/metering/index.ts';
import type { RunService } from '../features/perspectives/index.ts';
import type { Router } from '../features/routing/index.ts';
import type { Logger } from '../platform/log.ts';
import type { Progress } from './progress.ts';

/** How long a call is held before it is answered with what there is, and how often it says that it is alive. Milliseconds. */
export interface Patience {
  /** Clients give up after 60 seconds: answer before that. */
  readonly answerMs: number;
  /** A client that can follow a task is given one after this time. */
  readonly taskMs: number;
  readonly heartbeatMs: number;
}

/** Whether a call may be answered with a task: never, at once because the client asked for one, or when it takes long. */
export type TaskMode = 'never' | 'at-once' | 'when-slow';

/** A request as the protocol's library hands it over. */
export type McpRequest = ServerContext['mcpReq'];

/** All that a tool may use. It never sees the server, the transport or the bindings. */
export interface ToolContext {
  readonly principal: Principal;
  /** What the call carried besides its arguments: the client's capabilities, its answers to what it was asked. */
  readonly request: McpRequest;
  readonly runs: RunService;
  readonly catalog: () => Promise<Catalog>;
  readonly router: Router;
  readonly usage: ReadUsage;
  readonly log: Logger;
  readonly progress: Progress;
  readonly patience: Patience;
  readonly task: TaskMode;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Whether that also means to stop the work: so it does on 2026-07-28, and does not before. */
  readonly goneMeansCancel: boolean;
  /** Tells the protocol which run this call started, so that a later message can cancel it. */
  readonly started: (runId: string) => Promise<void>;
}

export interface ResourceLink {
  readonly uri: string;
  readonly name: string;
  readonly description: string;
  readonly mimeType: string;
}

/** What a tool answers: the same thing for programs and as text, and where the whole of it is. */
export interface ToolAnswer<Output> {
  readonly kind: 'answer';
  readonly structured: Output;
  readonly text: string;
  readonly links: readonly ResourceLink[];
  /** Set when the work came to nothing, so that a model takes it for an error. */
  readonly failed?: boolean;
}

/** The run that goes on as a task, under its own id. */
export interface TaskAnswer {
  readonly kind: 'task';
  readonly runId: string;
}

/** An answer in the protocol's own words, for what has no structured form: pictures and sounds, or a question back to the caller. */
export interface WireAnswer {
  readonly kind: 'wire';
  readonly result: CallToolResult | InputRequiredResult;
}

interface ToolSpec<Input extends z.ZodObject, Output extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** What the bearer must be allowed. */
  readonly permission: Permission;
  readonly annotations: ToolAnnotations;
  readonly input: Input;
  readonly output: Output;
  /** Whether it can go on as a task. */
  readonly long?: boolean;
  /** It asks models: each call counts as a run. */
  readonly asksModels?: boolean;
  readonly run: (
    input: z.output<Input>,
    context: ToolContext,
  ) => Promise<ToolAnswer<z.input<Output>> | TaskAnswer>;
}

export type JsonSchema = Record<string, unknown> & { readonly type: 'object' };

/** A tool as the protocol serves it, its types closed over. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly permission: Permission;
  readonly annotations: ToolAnnotations;
  readonly long: boolean;
  readonly asksModels: boolean;
  readonly input: z.ZodObject;
  /** JSON Schema 2020-12, made when first asked and kept. */
  readonly inputSchema: () => JsonSchema;
  /** Of the structured content; a tool whose answers have none has no such schema. */
  readonly outputSchema?: () => JsonSchema;
  /** `input` must have come out of this tool's own schema. */
  readonly run: (
    input: unknown,
    context: ToolContext,
  ) => Promise<ToolAnswer<Record<string, unknown>> | TaskAnswer | WireAnswer>;
}

/** One file a tool: its words, schemas, scope and handler stand together. */
export function tool<Input extends z.ZodObject, Output extends z.ZodObject>(
  spec: ToolSpec<Input, Output>,
): Tool {
  return {
    name: spec.name,
    title: spec.title,
    description: spec.description,
    permission: spec.permission,
    annotations: spec.annotations,
    long: spec.long ?? false,
    asksModels: spec.asksModels ?? false,
    input: spec.input,
    inputSchema: kept(() => jsonSchema(spec.input, 'input')),
    outputSchema: kept(() => jsonSchema(spec.output, 'output')),
    run: (input, context) => spec.run(input as z.output<Input>, context),
  };
}

function jsonSchema(schema: z.ZodObject, io: 'input' | 'output'): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' });
  return shortened({ ...rest, type: 'object' }) as JsonSchema;
}

/** zod bounds every integer by what JavaScript can hold exactly; a model reads nothing new in that, and pays for it. */
function shortened(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(shortened);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).filter(
    ([name, value]) =>
      !((name === 'maximum' || name === 'minimum') && Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER),
  );
  return Object.fromEntries(entries.map(([name, value]) => [name, shortened(value)]));
}

function kept<T>(make: () => T): () => T {
  let value: T | undefined;
  return () => {
    value ??= make();
    return value;
  };
}
