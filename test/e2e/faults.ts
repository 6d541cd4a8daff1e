import type { LifecyclePorts } from '../../activities/lifecycle/ports.js';
import { Failure, FailureType } from '../../domain/failure.js';

/** A call of a port that changes something. */
export interface Write {
  /** Port and method, e.g. `ledger.setChange`. */
  name: string;
  /** Which of the calls of that name by one life, from 1. */
  nth: number;
}

/** A crash at one write of one life: before it takes effect, or after it and before anybody hears of it. */
export interface Crash extends Write {
  /** Text that is in the arguments of that life's calls only. */
  life: string;
  when: 'before' | 'after';
}

/** Breaks ports on purpose. */
export interface Faults {
  adapt(ports: LifecyclePorts): LifecyclePorts;
  crash(crash: Crash, die?: () => void): void;
  /** Crashes that took place. */
  crashed: readonly Crash[];
  /** Writes that a life made so far, in order. */
  writesOf(life: string): readonly Write[];
  /** While true, the ledger cannot be reached. */
  ledgerDown: boolean;
}

const WRITES: Readonly<Record<string, readonly string[]>> = {
  ledger: [
    'setStage',
    'putDraft',
    'putExplanation',
    'openRequest',
    'setRequestTicket',
    'recordNotice',
    'extendRequest',
    'closeRequest',
    'recordDecision',
    'planChange',
    'setChange',
    'measure',
    'audit',
  ],
  tickets: ['open', 'comment', 'setState'],
  cloudWriter: ['apply'],
  chat: ['send'],
  source: ['comment', 'setStatus'],
};

/** Faults over ports; nothing is broken until it is asked for. */
export function openFaults(): Faults {
  const armed: { crash: Crash; die: (() => void) | undefined }[] = [];
  const crashed: Crash[] = [];
  const made: { name: string; text: string }[] = [];

  function writesOf(life: string): readonly Write[] {
    const counts = new Map<string, number>();
    return made
      .filter((write) => write.text.includes(life))
      .map(({ name }) => {
        counts.set(name, (counts.get(name) ?? 0) + 1);
        return { name, nth: counts.get(name) ?? 1 };
      });
  }

  /** The crash that is due at this very call, taken out of the list: it happens once. */
  function due(name: string, text: string, when: Crash['when']): (() => void) | undefined {
    const index = armed.findIndex(
      ({ crash }) =>
        crash.when === when &&
        crash.name === name &&
        text.includes(crash.life) &&
        writesOf(crash.life).filter((write) => write.name === name).length === crash.nth,
    );
    const [found] = index < 0 ? [] : armed.splice(index, 1);
    if (found === undefined) return undefined;
    crashed.push(found.crash);
    return found.die ?? (() => undefined);
  }

  function wrap<Port extends object>(port: Port, kind: string): Port {
    return new Proxy(port, {
      get(target, name, receiver) {
        const method: unknown = Reflect.get(target, name, receiver);
        if (typeof method !== 'function' || typeof name !== 'string') return method;
        return async (...given: unknown[]) => {
          if (kind === 'ledger' && faults.ledgerDown)
            throw new Failure(FailureType.LedgerUnavailable, 'the ledger is down on purpose');
          if (WRITES[kind]?.includes(name) !== true) return method.apply(target, given) as unknown;
          const what = `${kind}.${name}`;
          const text = JSON.stringify(given);
          made.push({ name: what, text });
          strike(due(what, text, 'before'), what);
          const result: unknown = await method.apply(target, given);
          strike(due(what, text, 'after'), what);
          return result;
        };
      },
    });
  }

  const faults: Faults = {
    ledgerDown: false,
    crashed,
    writesOf,
    crash: (crash, die) => {
      armed.push({ crash, die });
    },
    adapt: (ports) => ({
      ...ports,
      ledger: wrap(ports.ledger, 'ledger'),
      tickets: wrap(ports.tickets, 'tickets'),
      chats: ports.chats.map((chat) => wrap(chat, 'chat')),
      sources: new Map([...ports.sources].map(([name, source]) => [name, wrap(source, 'source')])),
      ...(ports.cloudWriter !== undefined && { cloudWriter: wrap(ports.cloudWriter, 'cloudWriter') }),
    }),
  };
  return faults;
}

function strike(die: (() => void) | undefined, what: string): void {
  if (die === undefined) return;
  die();
  throw new Error(`killed at ${what}`);
}
