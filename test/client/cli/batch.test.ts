import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type ExitCode, MAX_LINE_BYTES, runCommand } from '../../../client/cli/engine/batch.js';
import { ENGINE_COMMANDS, type EngineCommand } from '../../../client/cli/engine/commands.js';
import { readLines } from '../../../client/cli/engine/lines.js';

async function run(
  command: EngineCommand | undefined,
  input: string | Buffer[],
  { batch = true, json = true } = {},
): Promise<{ code: ExitCode; text: string; answers: unknown[] }> {
  if (command === undefined) throw new Error('no such command');
  const output = new PassThrough();
  const chunks: Buffer[] = [];
  output.on('data', (chunk: Buffer) => chunks.push(chunk));
  const source = typeof input === 'string' ? [Buffer.from(input)] : input;
  const code = await runCommand({ command, batch, json, input: Readable.from(source), output });
  const text = Buffer.concat(chunks).toString('utf8');
  return {
    code,
    text,
    answers: batch
      ? text
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line))
      : [],
  };
}

const evaluate = ENGINE_COMMANDS['policy evaluate'];
const expand = ENGINE_COMMANDS['policy expand'];
const request = {
  principal: 'arn:aws:iam::111122223333:user/alice',
  action: 's3:GetObject',
  resource: 'arn:aws:s3:::b/k',
  context: {},
};
const allowAll = {
  identity: [{ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }],
};

function lines(...values: unknown[]): string {
  return values.map((value) => `${typeof value === 'string' ? value : JSON.stringify(value)}\n`).join('');
}

describe('a batch', () => {
  it('answers every line in order and goes on after bad ones', async () => {
    const { code, answers } = await run(
      evaluate,
      lines({ id: 1, request, policies: allowAll }, 'garbage', '', { id: 'three', request: 1 }, '[1]', {
        id: 5,
        request,
        policies: {},
      }),
    );
    expect(code).toBe(0);
    expect(answers).toMatchObject([
      { id: 1, decision: 'Allowed' },
      { id: null, error: { type: 'InvalidJson' } },
      { id: null, error: { type: 'InvalidJson' } },
      { id: 'three', error: { type: 'InvalidInput', pointer: '/request' } },
      { id: null, error: { type: 'InvalidInput' } },
      { id: 5, decision: 'ImplicitlyDenied' },
    ]);
  });

  it('answers a last line without a line feed', async () => {
    const { answers } = await run(evaluate, JSON.stringify({ id: 1, request }));
    expect(answers).toHaveLength(1);
  });

  it('answers each line before it waits for the next', async () => {
    if (evaluate === undefined) throw new Error('no such command');
    const input = new PassThrough();
    const output = new PassThrough();
    const done = runCommand({ command: evaluate, batch: true, json: true, input, output });
    const answers: string[] = [];
    for (const id of [1, 2, 3]) {
      input.write(lines({ id, request }));
      const [answer] = (await once(output, 'data')) as [Buffer];
      answers.push(answer.toString('utf8'));
    }
    input.end();
    expect(await done).toBe(0);
    expect(answers.map((answer) => JSON.parse(answer).id)).toEqual([1, 2, 3]);
  });

  it('defines policies once and uses them by name', async () => {
    const { answers } = await run(
      evaluate,
      lines(
        { id: 0, use: 'all', request },
        { define: 'all', policies: allowAll },
        { id: 1, use: 'all', request },
        { id: 2, use: 'all', request, policies: { identity: [] } },
        { id: 3, define: '', policies: {} },
        { define: 'all', policies: { identity: { Statement: 1 } } },
        { id: 4, use: 'all', request },
      ),
    );
    expect(answers).toMatchObject([
      { id: 0, error: { type: 'UnknownName', pointer: '/use' } },
      { defined: 'all' },
      { id: 1, decision: 'Allowed' },
      { id: 2, decision: 'ImplicitlyDenied' },
      { id: 3, error: { type: 'InvalidInput', pointer: '/define' } },
      { defined: 'all' },
      { id: 4, error: { type: 'InvalidStatement', pointer: '/policies/identity/Statement' } },
    ]);
  });

  it('keeps the id of a line that is refused for a key that is there twice', async () => {
    const { answers } = await run(evaluate, '{"id":7,"request":{},"request":{}}\n');
    expect(answers).toMatchObject([{ id: 7, error: { type: 'DuplicateKey', pointer: '/request' } }]);
  });

  it('refuses what is not UTF-8', async () => {
    const { answers } = await run(evaluate, [Buffer.from([0x7b, 0xff, 0xfe, 0x7d, 0x0a])]);
    expect(answers).toMatchObject([{ id: null, error: { type: 'InvalidJson' } }]);
  });

  it('reports a line that is too long, and goes on', async () => {
    const piece = Buffer.alloc(MAX_LINE_BYTES / 8, 0x61);
    const long = Array.from({ length: 9 }, () => piece);
    const { answers } = await run(evaluate, [
      ...long,
      Buffer.from(`\n${JSON.stringify({ id: 2, request })}\n`),
    ]);
    expect(answers).toMatchObject([
      { id: null, error: { type: 'LineTooLong' } },
      { id: 2, decision: 'ImplicitlyDenied' },
    ]);
  });

  it('answers a failure of the engine as such', async () => {
    const broken: EngineCommand = {
      describe: 'breaks',
      run: () => {
        throw new TypeError('boom');
      },
    };
    const { code, answers } = await run(broken, lines({ id: 1 }));
    expect(answers).toMatchObject([{ id: 1, error: { type: 'Internal' } }]);
    expect(code).toBe(0);
  });

  it('never stops, whatever the lines', async () => {
    const line = fc.oneof(
      fc.json(),
      fc.string().map((text) => text.replaceAll('\n', ' ')),
      fc
        .record(
          { id: fc.integer(), request: fc.jsonValue(), policies: fc.jsonValue(), use: fc.jsonValue() },
          { requiredKeys: [] },
        )
        .map((value) => JSON.stringify(value)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 20 }), async (written) => {
        const { code, answers } = await run(evaluate, lines(...written));
        expect(code).toBe(0);
        expect(answers).toHaveLength(written.length);
        expect(answers).not.toContainEqual(
          expect.objectContaining({ error: expect.objectContaining({ type: 'Internal' }) }),
        );
      }),
      { numRuns: 200 },
    );
  });
});

describe('every engine command', () => {
  it.each(Object.entries(ENGINE_COMMANDS))(
    '%s answers an empty object without failing',
    async (_name, command) => {
      const { answers } = await run(command, lines({ id: 1 }));
      expect(answers).toMatchObject([{ id: 1 }]);
      expect(answers).not.toMatchObject([{ error: { type: 'Internal' } }]);
    },
  );
});

describe('one document', () => {
  it('is answered indented for people, in one line for programs', async () => {
    const input = JSON.stringify({ actions: ['sts:GetCallerIdentity'] });
    expect((await run(expand, input, { batch: false, json: true })).text).toBe(
      '{"actions":["sts:GetCallerIdentity"],"unmatched":[]}\n',
    );
    expect((await run(expand, input, { batch: false, json: false })).text).toContain('\n  "actions"');
  });

  it.each<[string, EngineCommand['run'], ExitCode]>([
    ['a yes', () => ({ verdict: 'PASS' }), 0],
    ['a no', () => ({ verdict: 'FAIL' }), 1],
    ['an open question', () => ({ verdict: 'UNKNOWN' }), 1],
    ['a failure', () => Promise.reject(new Error('boom')), 3],
  ])('%s gives its exit code', async (_what, answer, expected) => {
    const check = ENGINE_COMMANDS['policy check'];
    const { code } = await run(
      { describe: '', run: answer, ...(check?.isNo !== undefined && { isNo: check.isNo }) },
      '{}',
      { batch: false },
    );
    expect(code).toBe(expected);
  });

  it('that is malformed is wrong usage', async () => {
    expect((await run(evaluate, 'x', { batch: false })).code).toBe(2);
    expect((await run(expand, '{}', { batch: false })).code).toBe(2);
  });
});

describe('policy evaluate refuses', () => {
  it.each<[string, Record<string, unknown>, string, string]>([
    ['a wildcard in the resource', { resource: 'arn:aws:s3:::*' }, 'WildcardRequest', '/request/resource'],
    ['a wildcard in the action', { action: 's3:*' }, 'WildcardRequest', '/request/action'],
    ['an action that is none', { action: 'GetObject' }, 'InvalidAction', '/request/action'],
    ['a resource that is none', { resource: 'b/k' }, 'InvalidResource', '/request/resource'],
    ['a principal that is none', { principal: 'alice' }, 'InvalidPrincipal', '/request/principal'],
    ['an unknown member', { recource: 'x' }, 'InvalidInput', '/request'],
    [
      'a context value that is an object',
      { context: { 'aws:x': {} } },
      'InvalidInput',
      '/request/context/aws:x',
    ],
    [
      'a context key in two cases',
      { context: { 'aws:x': '1', 'AWS:X': '2' } },
      'DuplicateKey',
      '/request/context',
    ],
    ['an account that is none', { resourceAccount: '12' }, 'InvalidInput', '/request/resourceAccount'],
  ])('%s', async (_what, members, type, pointer) => {
    const { answers } = await run(
      evaluate,
      lines({ id: 1, request: { ...request, ...members }, policies: allowAll }),
    );
    expect(answers).toMatchObject([{ id: 1, error: { type, pointer } }]);
  });

  it('but takes a pattern when asked for a match', async () => {
    const asked = { ...request, resource: 'arn:aws:s3:::*', resourcePattern: true };
    const { answers } = await run(evaluate, lines({ id: 1, request: asked, policies: allowAll }));
    expect(answers).toMatchObject([{ id: 1, decision: 'Allowed' }]);
  });
});

describe('readLines', () => {
  it('cuts the same lines however the bytes arrive', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: fc.constantFrom('a', 'é', '\n'), maxLength: 9 })),
        fc.integer({ min: 1, max: 5 }),
        async (texts, size) => {
          const bytes = Buffer.from(texts.join(''));
          const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
            bytes.subarray(i * size, (i + 1) * size),
          );
          const found: string[] = [];
          for await (const cut of readLines(Readable.from(chunks), 1_000))
            for (const line of cut) found.push('bytes' in line ? line.bytes.toString('utf8') : 'too long');
          const expected = bytes.toString('utf8').split('\n');
          if (expected.at(-1) === '') expected.pop();
          expect(found).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  });
});
