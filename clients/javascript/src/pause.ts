/** A timer that is longer ends at once. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** Waits, until the signal at most. */
export function pause(millis: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, Math.min(millis, LONGEST_TIMER));
    signal?.addEventListener('abort', end);
  });
}

/** Fails with the signal; for one who waits for what does not heed it. */
export function abortOf(signal: AbortSignal | undefined): Promise<never> {
  const aborted = new Promise<never>((_, reject) => {
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => undefined); // nobody may be waiting
  return aborted;
}
