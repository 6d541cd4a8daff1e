import { describe, expect, it } from '@jest/globals';
import { createLogger } from '../../runtime/logger.js';
import { Secret } from '../../runtime/secret.js';

const KEY = ['AKIA', 'IOSFODNN7EXAMPLE'].join('');

function logged(write: (log: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  const stream = { write: (line: string) => lines.push(line) };
  write(createLogger({ level: 'debug', bindings: { role: 'core' }, stream }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('the log', () => {
  it('writes a line of JSON with level, time, bindings, message and fields', () => {
    const [line] = logged((log) => {
      log('info', 'draft kept', { finding: 'f-1', ms: 12 });
    });
    expect(line).toMatchObject({ level: 'info', role: 'core', msg: 'draft kept', finding: 'f-1', ms: 12 });
    expect(line?.['time']).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  it.each<[name: string, fields: Record<string, unknown>]>([
    ['in a message', {}],
    ['in a field', { note: `key ${KEY}` }],
    ['deep in a field', { a: { b: { c: { d: `key ${KEY}` } } } }],
    ['in an error', { error: new Error(`denied for ${KEY}`, { cause: new Error(KEY) }) }],
    ['in a member that is never logged', { a: { payload: KEY } }],
    ['in a secret', { key: new Secret(KEY) }],
    ['as a key of an object', { [KEY]: 1 }],
  ])('never shows a secret %s', (_name, fields) => {
    const lines = logged((log) => {
      log('error', `failed with ${KEY}`, fields);
    });
    expect(lines).toHaveLength(1);
    expect(JSON.stringify(lines)).not.toContain(KEY);
  });

  it('stays JSON when a secret stands next to quotes, and when a line is far too long', () => {
    const lines = logged((log) => {
      log('warn', 'odd', { header: 'Authorization: Bearer "abc.def-123"', json: '{"password":"hunter2x"}' });
      log('warn', 'long', { text: 'x'.repeat(100_000) });
    });
    expect(JSON.stringify(lines)).not.toMatch(/hunter2x|abc\.def/);
    expect(lines[1]).toMatchObject({ msg: 'a log line was left out' });
  });

  it('is silent when told so', () => {
    const lines: string[] = [];
    createLogger({ level: 'silent', stream: { write: (line) => lines.push(line) } })('error', 'x');
    expect(lines).toEqual([]);
  });
});
