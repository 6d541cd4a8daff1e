/** One-time codes on their way to whoever waits for them, by person. */
export class SignInCodes {
  readonly #waiting = new Map<string, (code: string) => void>();

  /** The next code for this person. Ask before the sign-in is begun. */
  next(personId: string): Promise<string> {
    return new Promise((resolve) => this.#waiting.set(personId, resolve));
  }
  /** Called by the gateway when it sends a code. True when somebody waited for it. */
  deliver(personId: string, code: string): boolean {
    const waiting = this.#waiting.get(personId);
    this.#waiting.delete(personId);
    waiting?.(code);
    return waiting !== undefined;
  }
}
