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
