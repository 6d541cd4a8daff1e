import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSource } from '../../../activities/cnapp/registry.js';
import { laceworkAlert, startLacework } from '../../support/lacework-server.js';
import { orcaAlert, startOrca } from '../../support/orca-server.js';
import { depsOf, type PlatformDouble } from '../../support/platform-double.js';
import { prismaAlert, startPrisma } from '../../support/prisma-server.js';
import { startWiz, wizIssue } from '../../support/wiz-server.js';
import { HOSTILE, type Subject } from './port-contract.js';

/** A subject behind an API, with the double that answers. */
export interface ApiSubject extends Subject {
  double: PlatformDouble;
  /** The raw records of the double, to be spoilt. */
  rows: Record<string, unknown>[];
  /** Sets our clock off from the platform's. */
  skew(offMs: number): void;
}

async function subjectOf(
  vendor: string,
  settings: unknown,
  double: PlatformDouble,
  more: Pick<ApiSubject, 'ids' | 'spoil' | 'surprise' | 'comments' | 'rows'>,
): Promise<ApiSubject> {
  let offMs = 0;
  const deps = { ...depsOf(double), now: () => double.now + offMs };
  const again = () => openSource({ vendor, name: vendor, settings }, deps);
  return {
    source: await again(),
    again,
    double,
    lines: () => deps.lines,
    skew: (by) => {
      offMs = by;
    },
    ...more,
  };
}

const NUMBERS = [1, 2, 3, 4, 5];
const HOSTILE_TAGS = JSON.parse('{"__proto__": "polluted", "owner": "eve"}') as Record<string, string>;

/** Wiz with five findings. */
export async function openWiz(): Promise<ApiSubject> {
  const double = startWiz(5);
  const settings = {
    apiUrl: 'https://api.us1.app.wiz.io/graphql',
    clientId: 'id',
    clientSecret: 'env:W',
    pageSize: 2,
  };
  return subjectOf('wiz', settings, double, {
    rows: double.issues,
    ids: double.issues.map((each) => String(each['id'])),
    spoil: () => {
      double.issues[2] = { id: null, severity: 12 };
    },
    surprise: () => {
      const entitySnapshot = { ...(wizIssue(3)['entitySnapshot'] as object), tags: HOSTILE_TAGS };
      const sourceRule = { id: 'r', name: `wildcard ${HOSTILE}` };
      double.issues[2] = wizIssue(3, { severity: 'APOCALYPTIC', brandNew: {}, sourceRule, entitySnapshot });
    },
    comments: async (id) => double.notes.get(id) ?? [],
  });
}

/** Prisma with five findings. */
export async function openPrisma(): Promise<ApiSubject> {
  const double = startPrisma(5);
  const settings = { accessKeyId: 'id', secretKey: 'env:P', pageSize: 2 };
  return subjectOf('prisma', settings, double, {
    rows: double.alerts,
    ids: NUMBERS.map((n) => `I-${n}`),
    spoil: () => {
      double.alerts[2] = { id: 'I-3', status: 7 };
    },
    surprise: () => {
      const policy = {
        policyId: 'p',
        name: `wildcard ${HOSTILE}`,
        policyType: 'iam',
        severity: 'APOCALYPTIC',
      };
      const resource = {
        ...(prismaAlert(3)['resource'] as object),
        resourceTags: [{ key: '__proto__', value: 'x' }],
      };
      double.alerts[2] = prismaAlert(3, { policy, resource, brandNew: 1 });
    },
    comments: async () => [],
  });
}

/** Orca with five findings. */
export async function openOrca(): Promise<ApiSubject> {
  const double = startOrca(5);
  return subjectOf('orca', { token: 'env:O', pageSize: 2 }, double, {
    rows: double.alerts,
    ids: NUMBERS.map((n) => `orca-${n}`),
    spoil: () => {
      double.alerts[2] = {
        id: 'uuid-3',
        type: 'Alert',
        data: { AlertId: { value: '3' }, CreatedAt: { value: '2026-08-01T00:01:00+00:00' } },
      };
    },
    surprise: () => {
      double.alerts[2] = orcaAlert(3, { RiskLevel: 'APOCALYPTIC', Title: HOSTILE, BrandNew: 1 });
    },
    comments: async (id) => double.comments.get(id) ?? [],
  });
}

/** Lacework with five findings. */
export async function openLacework(): Promise<ApiSubject> {
  const double = startLacework(5);
  return subjectOf(
    'lacework',
    { account: 'acme', keyId: 'id', secretKey: 'env:L', lookBackDays: 7 },
    double,
    {
      rows: double.alerts,
      ids: NUMBERS.map(String),
      spoil: () => {
        double.alerts[2] = { alertId: null, startTime: '2026-09-29T00:00:00.000Z' };
      },
      surprise: () => {
        double.alerts[2] = laceworkAlert(3, {
          severity: 'Apocalyptic',
          alertName: `wildcard ${HOSTILE}`,
          brandNew: 1,
        });
      },
      comments: async (id) => double.comments.get(id) ?? [],
    },
  );
}

/** A file of Orca's with five findings. */
export async function openFile(): Promise<Subject> {
  const folder = mkdtempSync(join(tmpdir(), 'curtail-file-'));
  const records: unknown[] = NUMBERS.map((n) => orcaAlert(n));
  const path = join(folder, 'exports.json');
  const journal = join(folder, 'written.jsonl');
  const save = () => writeFileSync(path, JSON.stringify({ status: 'success', data: records }));
  save();
  const deps = depsOf({ fetch: globalThis.fetch, now: Date.parse('2026-10-01T00:00:00Z') }, folder);
  const again = () =>
    openSource(
      { vendor: 'file', name: 'f', settings: { source: 'orca', path: 'exports.json', journal } },
      deps,
    );
  return {
    source: await again(),
    again,
    ids: NUMBERS.map((n) => `orca-${n}`),
    lines: () => deps.lines,
    spoil: () => {
      records[2] = { id: null };
      save();
    },
    surprise: () => {
      records[2] = orcaAlert(3, { RiskLevel: 'APOCALYPTIC', Title: HOSTILE });
      save();
    },
    comments: async () => (existsSync(journal) ? readFileSync(journal, 'utf8').trim().split('\n') : []),
  };
}
