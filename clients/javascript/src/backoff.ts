import { UnavailableError } from './errors.js';
import { BusyError } from './problem.js';
import type { RetryPolicy } from './retry-policy.js';

/** The last attempt has this long even where no patience is left. */
const LAST_ATTEMPT = 1000;

/** Hears how a connection fares. */
export interface ConnectionListener {
  /** An answer came. */
  onConnected?(): void;
  /** It was lost, or could not be made; the next attempt is made after so many milliseconds. */
  onLost?(cause: Error, wait: number): void;
}

/** Counts the failures since the last success, and the time since the first attempt of them. */
export class Backoff {
  #policy: RetryPolicy;
  readonly #listener: ConnectionListener;
  #failures = 0;
  #failingSince: number | null = null;

  constructor(policy: RetryPolicy, listener: ConnectionListener) {
    this.#policy = policy;
    this.#listener = listener;
  }

  /** An attempt starts, and may take so long; by itself at most what is given. */
  attempt(most: number): number {
    return Math.min(most, Math.max(LAST_ATTEMPT, this.#patience()));
  }

  /** The attempt was answered. What comes after may still fail, and its time starts anew. */
  answered(): void {
    if (this.#failures === 0) this.#failingSince = null;
    this.#listener.onConnected?.();
  }

  succeeded(): void {
    this.#failures = 0;
    this.#failingSince = null;
  }

  startWith(millis: number): void {
    this.#policy = this.#policy.startingWith(millis);
  }

  /**
   * Counts a failure, and says how long to wait.
   *
   * @throws {UnavailableError} when it is time to give up
   */
  failed(cause: Error): number {
    this.#failures++;
    const patience = this.#patience();
    if (patience <= 0) throw new UnavailableError(cause.message, { cause });
    const atLeast = cause instanceof BusyError ? cause.retryAfter * 1000 : 0;
    const wait = Math.min(patience, Math.max(atLeast, this.#policy.delay(this.#failures)));
    this.#listener.onLost?.(cause, wait);
    return wait;
  }

  /** What is left of it; the time starts with the first attempt that asks. */
  #patience(): number {
    this.#failingSince ??= performance.now();
    if (this.#policy.giveUpAfter === 0) return Infinity;
    return this.#policy.giveUpAfter - (performance.now() - this.#failingSince);
  }
}
