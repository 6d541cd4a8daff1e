import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ladders, loadConfig } from '../runtime/config.js';
import { findPostgres, startPostgres } from '../test/support/postgres.js';
import { type BareProduct, bundleBare, openBare } from './lifecycle/bare-product.js';
import { type BenchServer, startBenchServer } from './lifecycle/bench-server.js';
import { quantile, rounded, type Spread, spreadOf } from './lifecycle/figures.js';
import { openProduct, type Product } from './lifecycle/product.js';
import { differenceOf, type RecordedLife, recordedLife } from './lifecycle/shape.js';

const ROLES_AN_ACCOUNT = 100;
/** Lives before each measurement, so that neither side is measured while its code is still being compiled. */
const WARM_UP = 10;

/** How much is lived through. */
interface Size {
  /** Lives of one run. */
  findings: number;
  /** Interleaved runs of product and bare commands. */
  pairs: number;
}

interface Compared extends Size {
  /** Lives a second of the product, of the bare commands, and the one by the other, over the pairs. */
  product: Spread;
  bare: Spread;
  ratio: Spread;
  /** CPU of this process, ms a life: workers, SDK, embedded ledger and our code; `ours` is the difference. The server's own is not in it. */
  cpuMs: { product: Spread; bare: Spread; ours: Spread };
  payloadBytes: { product: number; bare: number };
  events: number;
  outcomes: Readonly<Record<string, number>>;
  extraVerifications: number;
  toRequestMs: { p50: number; p95: number };
}

/** Lives a second of the real product by those of its bare commands, embedded and on a PostgreSQL server. */
async function bareSuite(size: Size, only: string | undefined): Promise<object> {
  const embedded =
    only === 'postgres' ? undefined : await onServer((bench) => compare(bench, size, async () => undefined));
  return { embedded, postgres: only === 'embedded' ? undefined : await onPostgres(size) };
}

/** On the server of `DATABASE_URL`, else on one of our own with PostgreSQL's defaults. */
async function onPostgres(size: Size): Promise<object> {
  const given = process.env['DATABASE_URL'];
  if (given !== undefined && given !== '')
    return onServer((bench) => compare(bench, size, async () => given));
  const binaries = findPostgres();
  if ('missing' in binaries) return { skipped: binaries.missing };
  const postgres = await startPostgres(binaries, { durable: true });
  try {
    let made = 0;
    const fresh = () => {
      made += 1;
      return postgres.createDatabase(`bench_${made}`);
    };
    return await onServer((bench) => compare(bench, size, fresh));
  } finally {
    await postgres.stop();
  }
}

async function onServer<T>(measure: (bench: BenchServer) => Promise<T>): Promise<T> {
  const bench = await startBenchServer();
  try {
    return await measure(bench);
  } finally {
    await bench.stop();
  }
}

async function compare(
  bench: BenchServer,
  size: Size,
  database: () => Promise<string | undefined>,
): Promise<Compared> {
  const sample = await recordOne(bench, await database());
  const { payloadBytes } = await refuseAnotherShape(bench, sample);
  const rates = { product: [] as number[], bare: [] as number[], ratio: [] as number[] };
  const cpu = { product: [] as number[], bare: [] as number[], ours: [] as number[] };
  const outcomes = new Map<string, number>();
  const toRequestMs: number[] = [];
  let extraVerifications = 0;
  for (let pair = 0; pair < size.pairs; pair += 1) {
    const early = pair % 2 === 0 ? undefined : await bareRun(bench, sample, size.findings, pair);
    const lived = await productRun(bench, size.findings, `pair-${pair}`, await database());
    const plain = early ?? (await bareRun(bench, sample, size.findings, pair));
    rates.product.push((size.findings * 1_000) / lived.wallMs);
    rates.bare.push((size.findings * 1_000) / plain.wallMs);
    rates.ratio.push(plain.wallMs / lived.wallMs);
    cpu.product.push(lived.cpuMs / size.findings);
    cpu.bare.push(plain.cpuMs / size.findings);
    cpu.ours.push((lived.cpuMs - plain.cpuMs) / size.findings);
    for (const [outcome, count] of Object.entries(lived.outcomes))
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + count);
    toRequestMs.push(...lived.toRequestMs);
    extraVerifications += lived.extraVerifications;
    console.error(`pair ${pair + 1} of ${size.pairs}: ratio ${rounded(plain.wallMs / lived.wallMs)}`);
  }
  const sorted = toRequestMs.sort((a, b) => a - b);
  return {
    ...size,
    product: spreadOf(rates.product),
    bare: spreadOf(rates.bare),
    ratio: spreadOf(rates.ratio),
    cpuMs: { product: spreadOf(cpu.product), bare: spreadOf(cpu.bare), ours: spreadOf(cpu.ours) },
    payloadBytes: { product: sample.recorded.payloadBytes, bare: payloadBytes },
    events: sample.recorded.types.length,
    outcomes: Object.fromEntries(outcomes),
    extraVerifications,
    toRequestMs: { p50: rounded(quantile(sorted, 0.5), 0), p95: rounded(quantile(sorted, 0.95), 0) },
  };
}

interface Sample {
  recorded: RecordedLife;
  start: Product['started'][number];
  /** Bundle of the bare commands of the recorded life. */
  codePath: string;
  timing: Parameters<typeof openBare>[1]['timing'];
  ladder: Parameters<typeof openBare>[1]['ladder'];
}

/** One life of the product, alone, as the measure of the bare commands. */
async function recordOne(bench: BenchServer, databaseUrl: string | undefined): Promise<Sample> {
  const product = await openWorld(bench, 1, 'sample', databaseUrl);
  try {
    await product.live(product.world.roles);
    const [start] = product.started;
    if (start === undefined) throw new Error('nothing was started');
    const loaded = loadConfig({ file: product.world.configFile, cwd: bench.folder });
    const recorded = await recordedLife(bench.client, product.ports.starter.ids(start).workflowId);
    const codePath = await bundleBare(join(bench.folder, 'bare'), recorded);
    return { recorded, start, codePath, timing: loaded.timing, ladder: ladders(loaded) };
  } finally {
    await product.stop();
  }
}

/** @throws Error unless a bare life leaves the product's events, in their order, with as many bytes within a tenth. */
async function refuseAnotherShape(bench: BenchServer, sample: Sample): Promise<RecordedLife> {
  const bare = await openBareWorld(bench, sample, 'bare-sample');
  try {
    const [life] = bareLives(sample, 1, 'a');
    if (life === undefined) throw new Error('no life to start');
    await bare.live([life]);
    const lived = await recordedLife(bench.client, bare.workflowId(life));
    const different = differenceOf(sample.recorded, lived);
    if (different !== undefined) throw new Error(`the bare commands are not the product's: ${different}`);
    return lived;
  } finally {
    await bare.stop();
  }
}

async function bareRun(bench: BenchServer, sample: Sample, findings: number, pair: number) {
  const bare = await openBareWorld(bench, sample, `bare-${pair}`);
  try {
    await bare.live(bareLives(sample, WARM_UP, `w${pair}-`));
    return await bare.live(bareLives(sample, findings, `b${pair}-`));
  } finally {
    await bare.stop();
  }
}

function openBareWorld(bench: BenchServer, sample: Sample, prefix: string): Promise<BareProduct> {
  const { recorded, codePath, timing, ladder } = sample;
  return openBare(bench, { recorded, codePath, prefix, timing, ladder });
}

/** The same start with other keys; the source's name only keeps the ids apart. */
function bareLives(sample: Sample, count: number, prefix: string): Product['started'] {
  return Array.from({ length: count }, (_, index) => ({
    ...sample.start,
    source: 'orca',
    key: `${prefix}${index}`.padStart(32, '0'),
  }));
}

async function productRun(
  bench: BenchServer,
  findings: number,
  name: string,
  databaseUrl: string | undefined,
) {
  const product = await openWorld(bench, WARM_UP + findings, name, databaseUrl);
  try {
    await product.live(product.world.roles.slice(0, WARM_UP));
    return await product.live(product.world.roles.slice(WARM_UP));
  } finally {
    await product.stop();
  }
}

/** A world of its own: the ledger is empty each time, so that runs can be compared. */
function openWorld(
  bench: BenchServer,
  roles: number,
  name: string,
  databaseUrl: string | undefined,
): Promise<Product> {
  return openProduct(bench, {
    folder: join(bench.folder, name),
    roles,
    rolesAnAccount: ROLES_AN_ACCOUNT,
    sharing: 1,
    queuePrefix: name,
    ...(databaseUrl !== undefined && { databaseUrl }),
  });
}

const { values } = parseArgs({
  options: {
    findings: { type: 'string', default: '200' },
    pairs: { type: 'string', default: '7' },
    only: { type: 'string' },
  },
});
const size = { findings: Number(values.findings), pairs: Number(values.pairs) };
console.log(JSON.stringify(await bareSuite(size, values.only), null, 2));
