import type { DecisionReceipt } from '../../domain/approval/request.js';

/** What an operator's command did, as one sentence for people. */
export interface ControlReceipt {
  done: boolean;
  message: string;
}

/**
 * The gateway's only way to a running workflow. It carries grants and commands, never facts:
 * what pages show comes from the ledger.
 */
export interface LifecycleControl {
  /**
   * Hands a signed decision to its workflow and waits for the verdict. The same `updateId` is the same offer again.
   * @throws Failure when nobody answered in time; the decision may then have been taken or not.
   */
  decide(input: {
    workflowId: string;
    requestId: string;
    grant: string;
    updateId: string;
  }): Promise<DecisionReceipt>;
  /** Tries a parked workflow again. */
  retry(workflowId: string): Promise<ControlReceipt>;
  /** Starts the next generation of a finding that ended or was stopped. */
  resume(findingKey: string): Promise<ControlReceipt>;
  cancel(workflowId: string): Promise<ControlReceipt>;
  /** Asks people whether a change shall be undone; `ask` is what the gateway signed. It changes nothing by itself. */
  undo(input: { workflowId: string; findingKey: string; ask: string }): Promise<ControlReceipt>;
}
