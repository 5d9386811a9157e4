const PROTOCOL_VERSION = 'io.modelcontextprotocol/protocolVersion';
const CLIENT_INFO = 'io.modelcontextprotocol/clientInfo';

/** What of a message may stand in a log: its method, what it names, who sends it; never what it says. */
export interface MessageFacts {
  readonly rpc?: string;
  readonly tool?: string;
  readonly revision?: string;
  readonly client?: string;
}

/** The facts of a JSON-RPC message as it came, whatever it is. */
export function messageFacts(body: unknown): MessageFacts {
  if (!isRecord(body)) return {};
  const params = isRecord(body.params) ? body.params : {};
  const meta = isRecord(params._meta) ? params._meta : {};
  const client = meta[CLIENT_INFO] ?? params.clientInfo;
  return {
    ...named('rpc', body.method),
    ...named('tool', params.name),
    ...named('revision', meta[PROTOCOL_VERSION] ?? params.protocolVersion),
    ...(isRecord(client) ? named('client', client.name) : {}),
  };
}

/** The id of the request that a 2025-11-25 client cancels with this message, if it is such a message. */
export function cancellationOf(body: unknown): string | number | undefined {
  if (!isRecord(body) || body.method !== 'notifications/cancelled' || 'id' in body) return undefined;
  const id = isRecord(body.params) ? body.params.requestId : undefined;
  return typeof id === 'string' || typeof id === 'number' ? id : undefined;
}

/** The id by which a request wants to be answered; null when it has none that could be. */
export function requestIdOf(body: unknown): string | number | null {
  const id = isRecord(body) ? body.id : undefined;
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}

/** The arguments of a call, whatever they are. */
export function argumentsOf(body: unknown): unknown {
  return isRecord(body) && isRecord(body.params) ? body.params.arguments : undefined;
}

/** The address of the resource that a message names. */
export function uriOf(body: unknown): string | undefined {
  const uri = isRecord(body) && isRecord(body.params) ? body.params.uri : undefined;
  return typeof uri === 'string' ? uri : undefined;
}

function named<Name extends string>(name: Name, value: unknown): Partial<Record<Name, string>> {
  return typeof value === 'string' ? ({ [name]: value.slice(0, 100) } as Partial<Record<Name, string>>) : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
