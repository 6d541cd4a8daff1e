import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { allActions } from '../domain/iam/catalogue.js';
import type { Request } from '../domain/iam/document.js';
import { evaluate } from '../domain/iam/evaluate.js';
import { parsePolicy } from '../domain/iam/parse.js';

/**
 * Decisions a second under five policies as large as AWS's ReadOnlyAccess and PowerUserAccess, in process and through
 * `curtail policy evaluate --batch` with `use`: `npx tsx bench/evaluate.ts [decisions]`.
 */
const decisions = Number(process.argv[2] ?? 200_000);

const allow = (Action: string[], Resource: string | string[] = '*', Condition = {}): object => ({
  ...{ Effect: 'Allow', Action, Resource, Condition },
});
const policy = (...Statement: object[]): object => ({ Version: '2012-10-17', Statement });
const services = [...new Set(allActions().map((action) => action.split(':')[0] ?? ''))];
const readOnly = services.flatMap((name) => [`${name}:Get*`, `${name}:List*`, `${name}:Describe*`]);
const IDENTITY = [
  policy(allow(readOnly)),
  policy(
    { Effect: 'Allow', NotAction: ['iam:*', 'organizations:*', 'account:*'], Resource: '*' },
    allow(['iam:CreateServiceLinkedRole', 'iam:ListRoles', 'organizations:DescribeOrganization']),
  ),
  policy(allow(['iam:PassRole'], 'arn:aws:iam::111122223333:role/app-*')),
  policy(allow(['s3:*'], ['arn:aws:s3:::data', 'arn:aws:s3:::data/*'])),
  policy({
    ...{ Effect: 'Deny', Action: '*', Resource: '*' },
    Condition: { NotIpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '192.0.2.0/24'] } },
  }),
];

const actions = allActions().filter((_, i) => i % 97 === 0);
const requests: readonly Request[] = actions.map((action, i) => ({
  principal: `arn:aws:iam::111122223333:user/u${i % 50}`,
  action,
  resource: i % 3 === 0 ? '*' : `arn:aws:s3:::data/k${i}`,
  context: { 'aws:SourceIp': i % 5 === 0 ? '198.51.100.7' : '10.1.2.3', 'aws:SecureTransport': 'true' },
}));

interface Rate {
  decisions: number;
  perSecond: number;
  /** By the time of the processor, which other work on the machine does not lengthen. */
  perCpuSecond: number;
}

function inProcess(): Rate {
  const identity = IDENTITY.map((document) => parsePolicy(document, 'identity'));
  const run = (count: number): number => {
    let allowed = 0;
    for (let i = 0; i < count; i += 1) {
      const request = requests[i % requests.length];
      if (request !== undefined && evaluate(request, { identity }).decision === 'Allowed') allowed += 1;
    }
    return allowed;
  };
  run(20_000);
  const cpu = process.cpuUsage();
  const started = performance.now();
  run(decisions);
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return rate(seconds, (user + system) / 1e6);
}

function rate(seconds: number, cpuSeconds: number): Rate {
  const per = (time: number): number => Math.round(decisions / time);
  return { decisions, perSecond: per(seconds), perCpuSecond: per(cpuSeconds) };
}

/** The time of the child from its start, loading included. */
async function throughBatch(): Promise<Omit<Rate, 'perCpuSecond'>> {
  const bin = fileURLToPath(new URL('../bin/curtail', import.meta.url));
  const child = spawn(process.execPath, [bin, 'policy', 'evaluate', '--batch'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let answers = 0;
  child.stdout.on('data', (piece: Buffer) => {
    for (const byte of piece) if (byte === 10) answers += 1;
  });
  const started = performance.now();
  child.stdin.write(`${JSON.stringify({ define: 'all', policies: { identity: IDENTITY } })}\n`);
  const lines = requests.map((request, id) => `${JSON.stringify({ id, use: 'all', request })}\n`);
  for (let sent = 0; sent < decisions; sent += lines.length) {
    const block = lines.slice(0, decisions - sent).join('');
    if (!child.stdin.write(block)) await new Promise((resolve) => child.stdin.once('drain', resolve));
  }
  child.stdin.end();
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0 || answers !== decisions + 1) throw new Error(`${answers} answers, exit ${String(code)}`);
  const { decisions: count, perSecond } = rate((performance.now() - started) / 1000, 1);
  return { decisions: count, perSecond };
}

console.log(JSON.stringify({ inProcess: inProcess(), batch: await throughBatch() }, null, 2));
