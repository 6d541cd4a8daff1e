import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { policyEvaluate } from '../../../client/cli/engine/policy-evaluate.js';

interface Case {
  rule: string;
  /** Where AWS documents the rule. */
  source: string;
  request: unknown;
  policies: unknown;
  expect: string;
}

const folder = join(dirname(fileURLToPath(import.meta.url)), 'cases');
const files = readdirSync(folder).filter((file) => file.endsWith('.json'));

function casesOf(file: string): readonly Case[] {
  return JSON.parse(readFileSync(join(folder, file), 'utf8'));
}

describe('decisions that AWS documents', () => {
  for (const file of files) {
    describe(file, () => {
      for (const { rule, request, policies, expect: expected } of casesOf(file)) {
        it(`${rule}: ${expected}`, () => {
          expect(policyEvaluate({ request, policies }).decision).toBe(expected);
        });
      }
    });
  }

  it('are at least 300, each with a source', () => {
    const all = files.flatMap(casesOf);
    expect(all.length).toBeGreaterThanOrEqual(300);
    expect(all.filter(({ source }) => !source.startsWith('https://docs.aws.amazon.com/'))).toEqual([]);
  });
});
