import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Folders whose files may end up in the bundle. */
const SOURCES = ['workflows', 'domain', 'activities'];

/** A bundle of the workflows, ready to be given to a worker. Its id is the hash of the sources it was made from. */
export interface WorkflowBundle {
  codePath: string;
  id: string;
}

/**
 * The workflow bundle for the sources as they are: made once, kept in `folder`, and used again by later starts.
 * The id is the deployment's build id; `entry` is `deployed` for versioned workers.
 */
export async function workflowBundle(
  folder: string,
  onMake: () => void = () => undefined,
  entry: 'index' | 'deployed' = 'index',
): Promise<WorkflowBundle> {
  const id = await buildIdOfSources();
  const codePath = join(folder, `${entry}-${id}.js`);
  if (!existsSync(codePath)) {
    onMake();
    const { code } = await bundleWorkflowCode({
      workflowsPath: join(ROOT, 'workflows', `${entry}.ts`),
      logger: quiet,
    });
    await mkdir(folder, { recursive: true });
    const draft = `${codePath}.${process.pid}`;
    await writeFile(draft, code);
    await rename(draft, codePath);
  }
  return { codePath, id };
}

const quiet = {
  log: () => undefined,
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Build id of the sources as they are, without making the bundle: roles that run no workflows belong to the same version. */
export async function buildIdOfSources(): Promise<string> {
  const hash = createHash('sha256');
  const sdk = await readFile(join(ROOT, 'node_modules/@temporalio/workflow/package.json'), 'utf8');
  hash.update((JSON.parse(sdk) as { version: string }).version);
  for (const folder of SOURCES) {
    const names = (await readdir(join(ROOT, folder), { recursive: true }))
      .filter((name) => name.endsWith('.ts'))
      .sort();
    for (const name of names) {
      hash.update(`${folder}/${name}\n`);
      hash.update(await readFile(join(ROOT, folder, name)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}
