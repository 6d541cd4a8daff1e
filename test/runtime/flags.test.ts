import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Flags, openFlags } from '../../runtime/flags.js';

const FLAGS = {
  flags: {
    phase: {
      state: 'ENABLED',
      variants: { observe: 'observe', assist: 'assist', automate: 'automate', odd: 'yolo' },
      defaultVariant: 'observe',
      targeting: {
        if: [
          { in: [{ var: 'account' }, ['222222222222']] },
          'odd',
          {
            and: [
              { '==': [{ var: 'environment' }, 'development'] },
              { '<=': [{ var: 'risk' }, 40] },
              { '>=': [{ var: 'confidence' }, 0.9] },
            ],
          },
          'automate',
          { or: [{ '==': [{ var: 'team' }, 'orders'] }, { starts_with: [{ var: 'kind' }, 'public-'] }] },
          'assist',
          'observe',
        ],
      },
    },
    'kill-switch': {
      state: 'ENABLED',
      variants: { on: true, off: false },
      defaultVariant: 'off',
      targeting: { if: [{ '==': [{ var: 'account' }, '111111111111'] }, 'on', 'off'] },
    },
    'standing-approvals': { state: 'ENABLED', variants: { on: true, off: false }, defaultVariant: 'on' },
  },
};

let folder: string;
let path: string;
let flags: Flags | undefined;
let stamp = 1;

function write(text: string): void {
  const next = join(folder, 'next.json');
  writeFileSync(next, text);
  stamp += 1;
  utimesSync(next, stamp, stamp);
  renameSync(next, path);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'curtail-flags-'));
  path = join(folder, 'flags.json');
});
afterEach(async () => {
  await flags?.close();
  rmSync(folder, { recursive: true });
});

describe('the phase', () => {
  it.each<[name: string, context: Record<string, string | number>, phase: string, variant: string]>([
    ['an unknown finding', {}, 'observe', 'observe'],
    ['a team', { team: 'orders' }, 'assist', 'assist'],
    ['a kind', { kind: 'public-data' }, 'assist', 'assist'],
    [
      'environment, risk and confidence',
      { environment: 'development', risk: 40, confidence: 0.9 },
      'automate',
      'automate',
    ],
    [
      'the same with a higher risk',
      { environment: 'development', risk: 41, confidence: 0.9 },
      'observe',
      'observe',
    ],
    ['the same without a confidence', { environment: 'development', risk: 10 }, 'observe', 'observe'],
    ['the same without a risk', { environment: 'development', confidence: 0.95 }, 'observe', 'observe'],
    ['a variant whose value is no phase', { account: '222222222222' }, 'observe', 'odd'],
  ])('follows %s', async (_name, context, phase, variant) => {
    write(JSON.stringify(FLAGS));
    flags = await openFlags(path);
    expect(await flags.phase({ targetingKey: 'f', ...context })).toEqual({
      phase,
      variant,
      flagSetHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      stale: false,
    });
  });

  it('is observe without flags, and nothing else is on', async () => {
    flags = await openFlags(undefined);
    const context = { targetingKey: 'f' };
    expect((await flags.phase(context)).phase).toBe('observe');
    expect(await flags.killSwitch(context)).toBe(false);
    expect(await flags.standingApprovals(context)).toBe(false);
  });

  it.each<[name: string, text: string | undefined]>([
    ['a missing file', undefined],
    ['a file that is not JSON', '{"flags": {'],
    ['an empty file', ''],
    ['a file that is no flag set', '{"flags": {"phase": {"state": "MAYBE"}}}'],
  ])('is observe with %s, which also stops and grants nothing', async (_name, text) => {
    if (text !== undefined) write(text);
    flags = await openFlags(path);
    const context = { targetingKey: 'f', team: 'orders' };
    expect(await flags.phase(context)).toEqual({
      phase: 'observe',
      variant: 'the flags cannot be read',
      flagSetHash: 'none',
      stale: true,
    });
    expect(await flags.killSwitch(context)).toBe(true);
    expect(await flags.standingApprovals(context)).toBe(false);
    expect(flags.state().fault).toContain(path);
  });

  it('falls to observe when the file breaks, and returns when it is mended', async () => {
    write(JSON.stringify(FLAGS));
    flags = await openFlags(path);
    const context = { targetingKey: 'f', team: 'orders' };
    const { flagSetHash } = await flags.phase(context);
    write('{"flags": {');
    expect(await flags.phase(context)).toMatchObject({ phase: 'observe', flagSetHash, stale: true });
    expect(await flags.killSwitch(context)).toBe(true);
    write(JSON.stringify(FLAGS));
    expect(await flags.phase(context)).toMatchObject({ phase: 'assist', flagSetHash, stale: false });
    expect(await flags.killSwitch(context)).toBe(false);
  });

  it.each<[name: string, flag: unknown]>([
    ['a missing flag', undefined],
    ['a disabled flag', { ...FLAGS.flags.phase, state: 'DISABLED' }],
    ['a flag of another type', { state: 'ENABLED', variants: { on: true }, defaultVariant: 'on' }],
  ])('is observe with %s', async (_name, phase) => {
    write(JSON.stringify({ flags: { ...FLAGS.flags, phase } }));
    flags = await openFlags(path);
    expect((await flags.phase({ targetingKey: 'f', team: 'orders' })).phase).toBe('observe');
  });
});

describe('the kill switch', () => {
  it.each<[name: string, flag: unknown, account: string, stopped: boolean]>([
    ['off', FLAGS.flags['kill-switch'], '333333333333', false],
    ['on for one account', FLAGS.flags['kill-switch'], '111111111111', true],
    ['absent', undefined, '111111111111', false],
    [
      'a text instead of a boolean',
      { state: 'ENABLED', variants: { on: 'off' }, defaultVariant: 'on' },
      '1',
      true,
    ],
  ])('%s', async (_name, flag, account, stopped) => {
    write(JSON.stringify({ flags: { ...FLAGS.flags, 'kill-switch': flag } }));
    flags = await openFlags(path);
    expect(await flags.killSwitch({ targetingKey: 'f', account })).toBe(stopped);
  });

  it('tells who listens that the file has changed', async () => {
    write(JSON.stringify(FLAGS));
    const opened = await openFlags(path);
    flags = opened;
    const changed = new Promise<void>((resolve) => {
      opened.onChange(resolve);
    });
    write(JSON.stringify({ flags: { ...FLAGS.flags, 'standing-approvals': undefined } }));
    opened.state();
    await changed;
    expect(await opened.standingApprovals({ targetingKey: 'f' })).toBe(false);
  });
});
