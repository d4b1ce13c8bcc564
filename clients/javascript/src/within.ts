import type { Endpoint } from './endpoint.js';
import { OplogError, RefusedError } from './errors.js';
import { LONGEST_TIMER } from './pause.js';

/**
 * Waits for an exchange with a server.
 *
 * @param limit how long it may take, in milliseconds; it is broken off then. What was refused until
 *     then is, however much of the reason is missing
 */
export async function within<T>(
  limit: number,
  endpoint: Endpoint,
  abort: AbortController,
  work: Promise<T>,
): Promise<T> {
  let isLate = false;
  // unlike that of AbortSignal.timeout, it keeps the process alive
  const timer = setTimeout(() => {
    isLate = true;
    abort.abort();
  }, Math.min(limit, LONGEST_TIMER));
  try {
    return await work;
  } catch (e) {
    if (!isLate || e instanceof RefusedError) throw e;
    throw new OplogError(`${endpoint} was silent for ${Math.round(limit)} ms`);
  } finally {
    clearTimeout(timer);
  }
}
