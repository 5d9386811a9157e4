import { describe, expect, it } from 'vitest';
import { createLogger, redactText } from './log.ts';

function lines(write: (log: ReturnType<typeof createLogger>) => void): string {
  const written: string[] = [];
  write(createLogger({ request: 'req_1' }, (_level, line) => written.push(line)));
  return written.join('\n');
}

describe('the log', () => {
  it('writes one JSON object a line with its fields', () => {
    const line = JSON.parse(lines((log) => log.with({ run: 'run_1' }).warn('late', { ms: 5 })));
    expect(line).toEqual({ level: 'warn', message: 'late', request: 'req_1', run: 'run_1', ms: 5 });
  });

  it('never writes a secret, in whatever field, message or error it travels', () => {
    const secrets = [
      'plx_sk_AAAABBBBCCCCDDDD',
      'sk-ant-api03-aaaaaaaaaaaa',
      'Bearer abcdefghijklmnop',
      'AKIAABCDEFGHIJKLMNOP',
      'AIzaSyA1234567890abcdefghijk',
      'ya29.a0AfB_byC1234567890',
      'gsk_abcdefghijklmnopqrstuvwx',
      'xai-abcdefghijklmnopqrstuvwx',
      'pplx-abcdefghijklmnopqrstuvwx',
      'hf_abcdefghijklmnopqrstuvwx',
      'nvapi-abcdefghijklmnopqrstuvwx',
    ];
    for (const secret of secrets) {
      const text = lines((log) => {
        log.info(`sent ${secret}`, { note: `with ${secret}`, nested: { deeper: [secret] } });
        log.error('failed', { error: new Error(`refused ${secret}`) });
      });
      expect(text).not.toContain(secret);
      expect(redactText(secret)).toContain('[redacted]');
    }
    const failed = new Error('Failed query: insert into users values (?)\nparams: ada@example.com,Ada');
    expect(lines((log) => log.error('x', { error: failed }))).not.toContain('ada@example.com');
    const several = new Error(
      'Failed query: insert into runs values (?)\nparams: run_1,line one\nline two\n    at three,end',
    );
    const text = lines((log) => log.error('x', { error: several }));
    for (const part of ['line one', 'line two', 'three']) expect(text).not.toContain(part);
    expect(text).toContain('insert into runs');
    expect(text).toContain('log.test.ts');
    const named = lines((log) =>
      log.info('x', {
        authorization: 'hunter2',
        apiKey: 'hunter2',
        OPERATOR_TOKEN: 'hunter2',
        inner: { password: 'hunter2' },
      }),
    );
    expect(named).not.toContain('hunter2');
  });
});
