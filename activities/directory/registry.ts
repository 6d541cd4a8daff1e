import type { Adapter } from '../adapter.js';
import { fileDirectory } from './file.js';
import type { Directory } from './port.js';

/** The directories that a configuration may name. */
export type DirectoryAdapter = 'file';

/** Who knows the people. Open it with the `directory` section of the configuration. */
export const directoryAdapters = { file: fileDirectory } satisfies Record<
  DirectoryAdapter,
  Adapter<Directory>
>;
