import { z } from 'zod';
import { Failure, FailureType } from '../../../domain/failure.js';
import type { Attachment } from '../port.js';
import type { Send } from './transport.js';

const Listed = z.array(z.object({ file_name: z.string(), table_sys_id: z.string() }));

/** Attaches what is not there yet, by file name. The package has no upload, so this goes by the REST interface itself. */
export async function attachMissing(
  send: Send,
  record: { table: string; sysId: string },
  attachments: readonly Attachment[],
): Promise<void> {
  if (attachments.length === 0) return;
  const there = await namesThere(send, record);
  for (const { name, mediaType, text } of attachments) {
    const fileName = name.replace(/[^A-Za-z0-9._-]+/g, '_').slice(-100);
    if (there.has(fileName)) continue;
    const query = new URLSearchParams({
      table_name: record.table,
      table_sys_id: record.sysId,
      file_name: fileName,
    });
    await send({
      doing: 'attaching a file',
      method: 'POST',
      path: `api/now/attachment/file?${query}`,
      headers: { 'content-type': mediaType },
      body: text,
      write: true,
    });
  }
}

async function namesThere(send: Send, { sysId }: { sysId: string }): Promise<ReadonlySet<string>> {
  const query = new URLSearchParams({
    sysparm_query: `table_sys_id=${sysId}`,
    sysparm_fields: 'file_name,table_sys_id',
    sysparm_limit: '1000',
  });
  const { result } = await send({
    doing: 'listing files',
    method: 'GET',
    path: `api/now/attachment?${query}`,
  });
  const listed = Listed.safeParse(result);
  if (!listed.success)
    throw new Failure(FailureType.VendorShape, 'servicenow: listing files: unexpected answer');
  return new Set(
    listed.data.filter(({ table_sys_id }) => table_sys_id === sysId).map(({ file_name }) => file_name),
  );
}
