import type { OperationOptions } from '../operations.js';
import { printJson, safe } from '../print.js';
import { signIn } from './decide.js';
import { api, findFinding } from './findings.js';

/** `curtail undo`: asks other people to approve that an applied change is undone. Exit 1 when it cannot be asked. */
export async function undo(
  given: string,
  options: OperationOptions & Record<string, unknown>,
): Promise<0 | 1 | 2> {
  const { as: person, because: reason } = options;
  if (typeof person !== 'string' || typeof reason !== 'string') {
    console.error(
      'say who you are and why the earlier access must come back: --as <person> --because <reason>',
    );
    return 2;
  }
  const client = api(options);
  const finding = await findFinding(client, given);
  const session = await signIn(client, person, options['code']);
  const receipt = await client.post<{ done: boolean; message: string }>(`/findings/${finding.key}/undo`, {
    session,
    reason,
    ...(typeof options['change'] === 'string' && { change: options['change'] }),
  });
  if (options.json === true) printJson(receipt);
  else console.log(safe(receipt.message));
  return receipt.done ? 0 : 1;
}
