import type { Callback, Forgery, Sender } from './callback-world.js';

/** A way to abuse a door, with the status that it deserves. */
export interface Attack {
  name: string;
  status: number;
  /** The word that it is counted under. */
  counted: string;
  /** Undefined where the sender has no such weakness to try. */
  make(on: AttackGround): Promise<Callback | undefined>;
}
export interface AttackGround {
  sender: Sender;
  request: { id: string; digest: string };
  nowMs: number;
  id: string;
}

const HOUR_MS = 3_600_000;
const MIB = 1024 * 1024;

/** Every way to abuse a door that is tried. */
export const ATTACKS: readonly Attack[] = [
  attack('unsigned', 401, 'signature', (on) => genuine(on, {}, (body) => ({ body, only: ['content-type'] }))),
  attack('wrong key', 401, 'signature', (on) => genuine(on, { wrongKey: true })),
  attack('forged body', 401, 'signature', async (on) =>
    // A token does not cover the body: that is the transport's to protect.
    on.sender.name === 'teams' ? undefined : genuine(on, {}, (body) => ({ body: flipped(body) })),
  ),
  attack('truncated', 401, 'signature', async (on) =>
    on.sender.name === 'teams'
      ? undefined
      : genuine(on, {}, (body) => ({ body: body.subarray(0, body.length - 7) })),
  ),
  attack('clock an hour behind', 401, 'signature', async (on) =>
    on.sender.timed && on.sender.name !== 'teams' ? genuine(on, { atMs: on.nowMs - HOUR_MS }) : undefined,
  ),
  attack('clock an hour ahead', 401, 'signature', async (on) =>
    on.sender.timed ? genuine(on, { atMs: on.nowMs + HOUR_MS }) : undefined,
  ),
  attack('replayed after two days', 401, 'signature', async (on) =>
    on.sender.timed ? genuine(on, { atMs: on.nowMs - 48 * HOUR_MS }) : undefined,
  ),
  attack('another tenant', 403, 'tenant', (on) => genuine(on, { stranger: true })),
  attack('huge', 413, 'too-large', (on) =>
    genuine(on, {}, (body) => ({ body: Buffer.concat([body, Buffer.alloc(2 * MIB, 0x20)]) })),
  ),
  attack('deeply nested', 400, 'malformed', async (on) => {
    const deep = '['.repeat(20_000) + ']'.repeat(20_000);
    const body = on.sender.name === 'slack' ? `payload=${encodeURIComponent(deep)}` : deep;
    return signed(on, body, {});
  }),
  attack('not JSON', 400, 'malformed', (on) =>
    signed(on, on.sender.name === 'slack' ? 'payload=%7B' : '{"a":', {}),
  ),
  attack('of another shape', 400, 'malformed', (on) =>
    signed(on, on.sender.name === 'slack' ? 'payload=%5B%5D' : '[null,1,{"__proto__":{"x":1}}]', {}),
  ),
  attack('wrong content type', 415, 'content-type', (on) =>
    genuine(on, {}, (body) => ({ body, over: { 'content-type': 'text/xml' } })),
  ),
  attack('a header twice', 400, 'headers', async (on) => {
    const made = await genuine(on, {});
    const twice = made.headers.find(([name]) => /signature|authorization/.test(name));
    return twice === undefined
      ? undefined
      : { ...made, headers: [...made.headers, [twice[0], `${twice[1]}x`]] };
  }),
];

/** A genuine delivery, from which `change` may take away. */
export async function genuine(
  on: AttackGround,
  by: Partial<Forgery>,
  change: (body: Buffer) => { body: Buffer; only?: readonly string[]; over?: Record<string, string> } = (
    body,
  ) => ({ body }),
): Promise<Callback> {
  const forgery: Forgery = { atMs: on.nowMs, id: on.id, ...by };
  const text = on.sender.write(forgery, on.request);
  const made = await signed(on, text, by);
  const { body, only, over = {} } = change(Buffer.from(text));
  const kept = made.headers.filter(([name]) => only === undefined || only.includes(name));
  return { ...made, body, headers: kept.map(([name, value]) => [name, over[name] ?? value] as const) };
}

async function signed(on: AttackGround, body: string, by: Partial<Forgery>): Promise<Callback> {
  const headers = await on.sender.sign(body, { atMs: on.nowMs, id: on.id, ...by });
  return { path: on.sender.path, headers: Object.entries(headers), body: Buffer.from(body) };
}

function flipped(body: Buffer): Buffer {
  const copy = Buffer.from(body);
  const at = copy.length >> 1;
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

function attack(name: string, status: number, counted: string, make: Attack['make']): Attack {
  return { name, status, counted, make };
}
