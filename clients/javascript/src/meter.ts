import type { StreamEvent, Progress } from './events.js';

/** How far a mirror is. */
export interface MirrorProgress {
  /** Operations and states that were committed since the run began. */
  replicated: number;
  /** How many in a second. */
  rate: number;
  /** Whether it has caught up. */
  live: boolean;
}

const EACH = 1000;

/** Counts what is committed, and tells so at most once a second, and when the mirror is live. */
export class Meter {
  readonly #hears: (progress: MirrorProgress) => void;
  readonly #began = performance.now();
  #told = this.#began;
  #replicated = 0;
  #live = false;

  constructor(hears: (progress: MirrorProgress) => void) {
    this.#hears = hears;
  }

  /** So many operations are committed, and the position of what came last. */
  committed(count: number, last: StreamEvent | Progress): void {
    this.#replicated += count;
    if (last.kind === 'reset') this.#live = false;
    if (last.kind === 'live') this.#live = true;
    const now = performance.now();
    if (last.kind === 'live' || now - this.#told >= EACH) this.#tell(now);
  }

  #tell(now: number): void {
    this.#told = now;
    const seconds = Math.max(now - this.#began, 1) / 1000;
    const replicated = this.#replicated;
    this.#hears({ replicated, rate: replicated / seconds, live: this.#live });
  }
}
