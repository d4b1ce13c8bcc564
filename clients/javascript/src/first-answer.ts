const FIRST = 3000;

/** Of Node alone: a browser has its parser from the start. */
let isFirst = 'process' in globalThis;

/**
 * How long an attempt may wait for its answer. Node's fetch compiles its parser during the first
 * one of a process, and never hears of a connection that ends meanwhile: a long wait would be in vain.
 */
export function answerLimit(limit: number): number {
  const most = isFirst ? Math.min(limit, FIRST) : limit;
  isFirst = false;
  return most;
}
