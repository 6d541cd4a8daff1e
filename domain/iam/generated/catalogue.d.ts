/** Versions of the two sources, joined by `+`. */
export const VERSION: string;
/** Service prefix to its packed JSON; read by ../catalogue.ts. */
export const SERVICES: Readonly<Record<string, string>>;
