import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { folderName } from '../../../domain/report/fixes.js';
import { reportPage } from '../../../domain/report/page.js';
import { anchor } from '../../../domain/report/page-kit.js';
import { SCRIPT } from '../../../domain/report/page-style.js';
import { analysisOf, record, reportOf, role, statement } from '../../support/analysis.js';

const HOSTILE = '"><img src=x onerror=alert(1)><script>alert(2)</script>\u202e';
const digest = createHash('sha256').update(SCRIPT, 'utf8').digest('base64');

function page(): string {
  const hostile = {
    Tags: [
      { Key: 'team', Value: HOSTILE },
      { Key: 'env', Value: HOSTILE },
    ],
    RolePolicyList: [
      {
        PolicyName: HOSTILE,
        PolicyDocument: statement({
          Action: ['sqs:*'],
          Resource: `arn:aws:sqs:eu-west-1:111122223333:${HOSTILE}`,
        }),
      },
      {
        PolicyName: 'q',
        PolicyDocument: statement({ Action: ['iam:PassRole', 'lambda:*'], Resource: '*' }),
      },
    ],
  };
  const account = {
    RoleDetailList: [role(`app-${HOSTILE}`, [], hostile), role('app', [], hostile), role('admin', ['*'])],
  };
  const days = Array.from({ length: 91 }, (_, i) =>
    new Date(Date.UTC(2026, 6, 1 + i)).toISOString().slice(0, 10),
  );
  const records = days.flatMap((day) => [
    record('app', 'sqs:CreateQueue', day),
    record('app', `sqs:${HOSTILE}`, day),
    { ...record('app', 'sqs:CreateQueue', day), awsRegion: HOSTILE },
  ]);
  const report = reportOf(
    analysisOf(account, records, {
      notes: [HOSTILE],
      faults: [{ file: HOSTILE, place: HOSTILE, reason: HOSTILE }],
      scope: {},
    }),
  );
  return reportPage(report, digest);
}

describe('the page', () => {
  const text = page();

  it('shows hostile names as text, wherever they come from', () => {
    expect(text).toContain('&lt;script&gt;alert(2)');
    expect(text).not.toContain('<img');
    expect(text).not.toContain('\u202e');
    expect(text.match(/<script/g)).toHaveLength(1);
  });

  it('runs its own script and no other, and loads nothing from anywhere', () => {
    expect(text).toContain(`script-src &#39;sha256-${digest}&#39;`);
    expect(text).toContain('default-src &#39;none&#39;');
    expect(/<script>(.*)<\/script>/s.exec(text)?.[1]).toBe(SCRIPT);
    expect(text).not.toMatch(/(src|href|url\()\s*=?\s*["']?(https?:)?\/\//i);
    expect(text).not.toMatch(/\son[a-z]+="/i);
  });

  it('links only to what is in it or beside it', () => {
    const targets = [...text.matchAll(/href="([^"]*)"/g)].map(([, target = '']) => target);
    const ids = new Set([...text.matchAll(/\sid="([^"]*)"/g)].map(([, id = '']) => `#${id}`));
    for (const target of targets) expect(ids.has(target) || /^fixes\/[\w./-]+$/.test(target)).toBe(true);
  });

  it('gives every filter its list', () => {
    for (const [, list = ''] of text.matchAll(/data-(?:filter|open)="([^"]*)"/g))
      expect(text).toContain(`id="${list}"`);
  });
});

describe('names', () => {
  it.each(['../../etc/passwd', '.ssh', '-rf', 'a b$(c)', '/', '..', 'a\\b\u0000'])(
    'of folders climb nowhere: %j',
    (name) => {
      expect(folderName(name)).toMatch(/^([A-Za-z0-9_][A-Za-z0-9._-]*)?$/);
    },
  );

  it('of anchors are never shared', () => {
    expect(new Set(['a/b', 'a-b', 'a_b', 'a_2fb', 'a:b'].map((id) => anchor('x', id))).size).toBe(5);
  });
});
