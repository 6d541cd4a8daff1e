import type { Log } from '../../activities/adapter.js';
import { Failure, FailureType } from '../../domain/failure.js';
import type { GatewayLedger } from '../gateway/deps.js';
import type { LookAtTicket } from './ticket-route.js';

/** What it takes to find decisions whose callback never came. */
export interface ApprovalSweepDeps {
  ledger: Pick<GatewayLedger, 'requests'>;
  /** Reads a ticket's approvals back and delivers what was not delivered yet. */
  look: LookAtTicket;
  everyMs: number;
  log: Log;
}

/** Looks after tickets of open requests until it is closed. */
export interface ApprovalSweep {
  /** One sweep now; resolves to the number of tickets that were looked at. */
  sweep(): Promise<number>;
  close(): Promise<void>;
}

const OPEN_AT_ONCE = 10_000;

/**
 * Callbacks can be lost: a webhook that was switched off, a firewall, a gateway that was down for longer than the vendor
 * tries. So the tickets of open requests are read from time to time, and what was decided in them is delivered as if its
 * callback had come. It lives in the gateway, since nobody else may sign a person's decision.
 */
export function openApprovalSweep({ ledger, look, everyMs, log }: ApprovalSweepDeps): ApprovalSweep {
  let closed = false;
  let running: Promise<number> = Promise.resolve(0);

  async function once(): Promise<number> {
    const open = await ledger.requests({ status: 'open', limit: OPEN_AT_ONCE });
    const tickets = [...new Set(open.flatMap((row) => row.ticket?.id ?? []))];
    let looked = 0;
    for (const ticketId of tickets) {
      if (closed) break;
      try {
        await look(ticketId);
        looked += 1;
      } catch (error) {
        const type = error instanceof Failure ? error.type : 'unknown';
        log('warn', 'looking for decisions whose callback never came: the next sweep tries again', { type });
        // Whoever asks for patience is left alone until the next sweep.
        if (type === FailureType.VendorThrottled) break;
      }
    }
    return looked;
  }
  function sweep(): Promise<number> {
    running = running.then(once, once);
    return running;
  }
  const timer = setInterval(() => {
    sweep().catch((error: unknown) => {
      log('warn', 'looking for decisions whose callback never came', {
        reason: String(error).slice(0, 300),
      });
    });
  }, everyMs);
  timer.unref();
  return {
    sweep,
    async close() {
      closed = true;
      clearInterval(timer);
      await running.catch(() => 0);
    },
  };
}
