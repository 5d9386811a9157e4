import { beforeAll, describe, expect, it } from 'vitest';
import { readSse, type SseEvent } from '../../src/platform/sse.ts';
import { type Client, newTenant } from './client.ts';
import { ask, type Json, putModel, SHAPE_NAMES, SHAPES, type ShapeName } from './gateway-client.ts';
import { modelStatistics } from './gateway-stats.ts';

/** Each fault has a model of its own for each shape and form, so that a circuit that opens is nobody else's. */
const WIRES = { chat: 'openai-chat', responses: 'openai-responses', messages: 'anthropic-messages' } as const;
const FAULTS = ['rate-limited', 'overloaded', 'silent', 'cut', 'malformed', 'refuses'] as const;
type Fault = (typeof FAULTS)[number];
const FORMS = ['whole', 'streamed'] as const;
const SPOKEN = ['same', 'other'] as const;

let client: Client;

const nameOf = (fault: string, shape: ShapeName, form: string, spoken: string) =>
  `local/${fault}-${shape}-${form}-${spoken}`;

beforeAll(async () => {
  client = await newTenant();
  for (const fault of FAULTS)
    for (const shape of SHAPE_NAMES)
      for (const form of FORMS)
        for (const spoken of SPOKEN)
          await putModel(nameOf(fault, shape, form, spoken), {
            upstream_name: `${fault}@${shape}-${form}-${spoken}`,
            wire: spoken === 'same' ? WIRES[shape] : shape === 'chat' ? 'anthropic-messages' : 'openai-chat',
            hidden: true,
            category: 'chat',
            pricing: { input: 0, output: 0 },
          });
});

interface Outcome {
  readonly status: number;
  readonly error: string | null;
  readonly events: readonly SseEvent[];
  readonly text: string;
}

async function outcomeOf(shape: ShapeName, model: string, form: string): Promise<Outcome> {
  const response = await ask(client, shape, model, 'Why is the sky blue?', {
    body: { stream: form === 'streamed' },
    headers: { 'x-parallax-timeout-ms': '400' },
  });
  const { status } = response;
  if (form === 'streamed' && status === 200 && response.body !== null) {
    const events: SseEvent[] = [];
    for await (const event of readSse(response.body)) events.push(event);
    const failed = events.map(({ data }) => errorIn(data)).find((code) => code !== null);
    return { status, error: failed ?? null, events, text: '' };
  }
  const body = await response.json<Json>();
  return { status, error: errorIn(JSON.stringify(body)), events: [], text: SHAPES[shape].text(body) };
}

/** A broken event of a provider's, passed on as it came: what a client's parser raises. */
const UNREADABLE = 'unreadable';

/** The error's own name in whichever shape it stands. */
function errorIn(data: string): string | null {
  if (!data.startsWith('{')) return null;
  let value: Json;
  try {
    value = JSON.parse(data);
  } catch {
    return UNREADABLE;
  }
  if (value.type === 'error') return value.error?.type ?? value.code;
  return value.error?.code ?? value.error?.type ?? null;
}

/** Statuses of errors before the first word, and their names, per shape. */
const BEFORE: Partial<Record<Fault, Record<ShapeName, readonly [number, string]>>> = {
  overloaded: {
    chat: [503, 'upstream_overloaded'],
    responses: [503, 'upstream_overloaded'],
    messages: [529, 'overloaded_error'],
  },
  silent: {
    chat: [504, 'upstream_timeout'],
    responses: [504, 'upstream_timeout'],
    messages: [504, 'timeout_error'],
  },
};
const BROKEN: Record<ShapeName, readonly [number, string]> = {
  chat: [502, 'upstream_failed'],
  responses: [502, 'upstream_failed'],
  messages: [502, 'api_error'],
};

const every = (fault: Fault) =>
  SHAPE_NAMES.flatMap((shape) =>
    FORMS.flatMap((form) => SPOKEN.map((spoken) => [shape, form, spoken, fault] as const)),
  );

describe.concurrent('a provider that answers 429 twice', () => {
  it.for(every('rate-limited'))(
    'is asked again until it answers, in %s, %s, of the %s format',
    async ([shape, form, spoken, fault], { expect }) => {
      const { status, error } = await outcomeOf(shape, nameOf(fault, shape, form, spoken), form);
      expect({ status, error }).toEqual({ status: 200, error: null });
    },
  );
});

describe.concurrent.for(['overloaded', 'silent'] as const)('a provider that is %s', (fault) => {
  it.for(every(fault))(
    'is an error that clients of %s try again, %s, of the %s format',
    async ([shape, form, spoken], { expect }) => {
      const { status, error } = await outcomeOf(shape, nameOf(fault, shape, form, spoken), form);
      expect([status, error]).toEqual(BEFORE[fault]?.[shape]);
    },
  );
});

describe.concurrent.for(['cut', 'malformed'] as const)('a provider whose answer is %s', (fault) => {
  it.for(every(fault))(
    'is an error in %s, %s, of the %s format, and never a false end',
    async ([shape, form, spoken], { expect }) => {
      const { status, error, events } = await outcomeOf(shape, nameOf(fault, shape, form, spoken), form);
      if (form === 'whole') {
        expect([status, error]).toEqual(BROKEN[shape]);
        return;
      }
      expect(status).toBe(200);
      expect(events.some(({ data }) => data === '[DONE]')).toBe(false);
      expect(events.some(({ event }) => event === 'message_stop' || event === 'response.completed')).toBe(
        false,
      );
      // An exact stream is the provider's, broken events included: the client's parser raises it.
      const exact = spoken === 'same' && shape !== 'chat';
      expect(error).toBe(exact && fault === 'malformed' ? UNREADABLE : BROKEN[shape][1]);
    },
  );
});

describe.concurrent('a provider that refuses', () => {
  it.for(every('refuses'))(
    'is an answer in %s, %s, of the %s format: refusing is no failure',
    async ([shape, form, spoken, fault], { expect }) => {
      const { status, error } = await outcomeOf(shape, nameOf(fault, shape, form, spoken), form);
      expect({ status, error }).toEqual({ status: 200, error: null });
    },
  );
});

describe('an answer in another format than was asked for', () => {
  const MODELS: Record<string, string> = {};
  beforeAll(async () => {
    for (const shape of SHAPE_NAMES)
      for (const form of FORMS) {
        const id = `local/wrong-${shape}-${form}`;
        MODELS[`${shape} ${form}`] = id;
        await putModel(id, {
          upstream_name: `swift@wrong-${shape}-${form}`,
          wire: 'openai-chat',
          category: 'chat',
          hidden: true,
        });
      }
  });

  it.each(SHAPE_NAMES.flatMap((shape) => FORMS.map((form) => [shape, form] as const)))(
    'is a 502 in %s, %s',
    async (shape, form) => {
      const response = await ask(client, shape, MODELS[`${shape} ${form}`] ?? '', 'Hello [[wrong-format]]', {
        body: { stream: form === 'streamed' },
      });
      expect(response.status).toBe(502);
      await response.text();
    },
  );
});

describe('a line of 64 MiB in a stream', () => {
  beforeAll(async () => {
    await putModel('local/long-1', {
      upstream_name: 'scribe@long',
      wire: 'gemini',
      category: 'chat',
      hidden: true,
    });
    await putModel('local/long-2', {
      upstream_name: 'swift@long',
      wire: 'openai-chat',
      category: 'chat',
      hidden: true,
    });
  });

  it.each([
    ['chat', 'local/scribe'],
    ['messages', 'local/swift'],
  ] as const)(
    'ends a %s stream of %s with an error before the client has any of it',
    async (shape, model) => {
      const response = await ask(client, shape, model, '[[sse-line:67108864]]', { body: { stream: true } });
      expect(response.status).toBe(502);
      expect(await response.text()).toContain('not of its format');
    },
  );

  it('is passed on as it is in an exact stream of the provider’s own format', async () => {
    const response = await ask(client, 'messages', 'local/sage', '[[sse-line:4194304]]', {
      body: { stream: true },
    });
    let size = 0;
    for await (const chunk of response.body ?? []) size += (chunk as Uint8Array).byteLength;
    expect(response.status).toBe(200);
    expect(size).toBeGreaterThan(4_194_304);
  });
});

describe('a provider that fails for good', () => {
  it('is left alone after a few failures, and says when to come back', async () => {
    await putModel('local/storm', {
      upstream_name: 'overloaded',
      wire: 'openai-chat',
      hidden: true,
      category: 'chat',
    });
    const before = (await modelStatistics()).requests.overloaded?.['openai-chat'] ?? 0;
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => ask(client, 'chat', 'local/storm', 'Hello')),
    );
    const later = await Promise.all(
      Array.from({ length: 60 }, () => ask(client, 'chat', 'local/storm', 'Hello')),
    );
    expect([...answers, ...later].every(({ status }) => status === 503)).toBe(true);
    const after = (await modelStatistics()).requests.overloaded?.['openai-chat'] ?? 0;
    // 120 calls with three attempts each would be 360.
    expect(after - before).toBeLessThan(200);
    expect(later.every((answer) => Number(answer.headers.get('retry-after')) >= 1)).toBe(true);
    for (const answer of [...answers, ...later]) await answer.text();
  });
});

describe('many streams at once', () => {
  it('a thousand are answered, each with its own words and its own end', async () => {
    const crowd = await newTenant();
    const words = await Promise.all(
      Array.from({ length: 1_000 }, async (_, index) => {
        const response = await ask(crowd, 'chat', 'local/swift', `[[say:number ${index} of many]]`, {
          body: { stream: true },
        });
        return response.text();
      }),
    );
    words.forEach((text, index) => {
      const said = [...text.matchAll(/"content":"([^"]*)"/g)].map(([, piece]) => piece).join('');
      expect(said === '' ? text : said).toBe(`number ${index} of many`);
      expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    });
  });
});
