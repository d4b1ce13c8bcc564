const FIRST = 3000;
const isNode = globalThis.process?.versions?.node !== undefined;

let earlyUntil = 0;
let isHeard = !isNode;

/**
 * Whether an attempt that begins now may be in vain. Node's fetch compiles its parser from the first
 * attempt of a process on, and never hears of a connection that ends meanwhile. A browser has its
 * parser from the start.
 */
export function isEarly(): boolean {
  if (isHeard) return false;
  const now = performance.now();
  if (earlyUntil === 0) earlyUntil = now + FIRST;
  return now < earlyUntil;
}

/** An answer came: whatever ends from now on is heard. */
export function heard(): void {
  isHeard = true;
}

/** How long an attempt that does no harm may wait for its answer. */
export function answerLimit(limit: number): number {
  return isEarly() ? Math.min(limit, FIRST) : limit;
}
