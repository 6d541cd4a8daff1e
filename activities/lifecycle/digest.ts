import { weeklyDigest } from '../../domain/digest/digest.js';
import { digestHtml } from '../../domain/digest/mail.js';
import { KIND_WORDS } from '../../domain/finding/words.js';
import type { Activities } from '../contract.js';
import type { LifecyclePorts } from './ports.js';

/** Findings that a digest looks through: the worst first. */
const MAX_FINDINGS = 5_000;

/** Writes the week's digest as a mail-ready file, and tells the chats where the page is. */
export function createWriteDigest(ports: LifecyclePorts): Activities['writeDigest'] {
  return async ({ nowMs }) => {
    const rows = await ports.ledger.findings({ limit: MAX_FINDINGS });
    const digest = weeklyDigest(rows, nowMs);
    const day = new Date(nowMs).toISOString().slice(0, 10);
    const where = await ports.writeReport(
      `digest-${day}.html`,
      digestHtml(digest, ports.settings.publicUrl, KIND_WORDS),
    );
    await ports.ledger.audit([
      {
        id: `digest/${day}`,
        stream: 'system',
        type: 'digest.written',
        actor: 'curtail',
        atMs: ports.now(),
        fields: { findings: rows.length, quiet: digest.quiet },
      },
    ]);
    return { where };
  };
}
