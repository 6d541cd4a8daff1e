import type { AdapterDeps } from '../adapter.js';
import { openFile } from './file.js';
import type { CnappSource } from './port.js';
export async function openSource(
  section: { vendor: string; name: string; settings: unknown },
  deps: AdapterDeps,
): Promise<CnappSource> {
  return openFile(section.settings as never, deps);
}
