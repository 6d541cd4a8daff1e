import { Failure } from '../domain/failure.js';

/** One thing that an adapter does in its product, and whether the credentials allow it. */
export interface Capability {
  /** `post messages` */
  what: string;
  /** The scope, role or permission that it needs, in the product's words. */
  needs: string;
  /** `unknown`: it cannot be asked without doing it. */
  ok: boolean | 'unknown';
  /** What happens without it, or what the product said. */
  note: string;
}

/** Tries something harmless: whatever failure comes back says that it is not possible, and why. */
export async function tried(
  capability: Pick<Capability, 'what' | 'needs'>,
  work: () => Promise<string | undefined>,
): Promise<Capability> {
  try {
    const objection = await work();
    return { ...capability, ok: objection === undefined, note: objection ?? '' };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { ...capability, ok: false, note: error.message };
  }
}
