import { ClosedError } from './errors.js';
import type { EventStream } from './event-stream.js';
import { Operation, type StreamEvent } from './events.js';

/** Does something with an event; it is acknowledged when that, or the promise it gives, ends well. */
export type Handler = (event: StreamEvent) => unknown;

/** How {@link process} works. */
export interface ProcessOptions {
  /** How many handlers run side by side at most; 8 unless told otherwise. */
  concurrency?: number;
}

/** Operations that wait for one on the same object, for each handler that may run. */
const WAITING = 16;

/**
 * Runs handlers side by side, those of one object in order, and acknowledges what they have done.
 * `Reset` and `Live` are barriers: all before them is done first, and nothing after them begins
 * before they are.
 *
 * Ends with the error of a handler that fails, or of the stream (a `ClosedError` when it was
 * closed), when those that run have ended. The stream is closed then.
 */
export async function process(
  stream: EventStream,
  handler: Handler,
  { concurrency = 8 }: ProcessOptions = {},
): Promise<never> {
  const lanes = new Lanes(concurrency, async (event) => {
    await handler(event);
    stream.acknowledge(event);
  });
  // a handler that fails is heard while the stream is quiet, too
  lanes.onFailed = () => void stream.close().catch(() => undefined);
  try {
    for (;;) await lanes.take((await stream.next()).value!);
  } catch (e) {
    await lanes.idle();
    const failure = lanes.failure === null ? e : lanes.failure.cause;
    await stream.close().catch((unsaved) => {
      if (failure instanceof ClosedError) throw unsaved;
    });
    throw failure;
  }
}

/** Each object has a lane, in which its operations follow each other. */
class Lanes {
  readonly #concurrency: number;
  readonly #work: (event: StreamEvent) => Promise<void>;
  /** What waits behind the one that runs. */
  readonly #lanes = new Map<string, Operation[]>();
  /** Operations whose lane is free, but not a handler. */
  readonly #ready: [string, Operation][] = [];
  #running = 0;
  #held = 0;
  #changed: () => void = () => undefined;
  #isOver = false;
  failure: { cause: unknown } | null = null;
  onFailed: () => void = () => undefined;

  constructor(concurrency: number, work: (event: StreamEvent) => Promise<void>) {
    if (!(concurrency >= 1)) throw new RangeError(`must be >= 1: concurrency=${concurrency}`);
    this.#concurrency = concurrency;
    this.#work = work;
  }

  /** Ends when there is room for another. */
  async take(event: StreamEvent): Promise<void> {
    if (!(event instanceof Operation)) {
      await this.#until(() => this.#held === 0);
      if (!this.#isOver) await this.#work(event);
      return;
    }
    this.#held++;
    this.#enter(JSON.stringify([event.type, event.id]), event);
    await this.#until(() => this.#held < this.#concurrency * WAITING && this.#ready.length === 0);
  }

  /** Ends when nothing runs, or will. */
  idle(): Promise<void> {
    this.#isOver = true; // nothing begins any more
    return this.#until(() => this.#running === 0);
  }

  #enter(key: string, operation: Operation): void {
    const lane = this.#lanes.get(key);
    if (lane !== undefined) {
      lane.push(operation);
      return;
    }
    this.#lanes.set(key, []);
    this.#ready.push([key, operation]);
    this.#start();
  }

  #start(): void {
    while (!this.#isOver && this.#running < this.#concurrency && this.#ready.length > 0) {
      const [key, operation] = this.#ready.shift()!;
      this.#running++;
      void this.#run(key, operation);
    }
  }

  async #run(key: string, operation: Operation): Promise<void> {
    try {
      await this.#work(operation);
    } catch (e) {
      this.#isOver = true;
      this.failure ??= { cause: e };
      this.onFailed();
    }
    this.#running--;
    this.#held--;
    this.#leave(key);
    this.#start();
    this.#changed();
  }

  #leave(key: string): void {
    const following = this.#lanes.get(key)!.shift();
    if (following === undefined) {
      this.#lanes.delete(key);
    } else {
      this.#ready.push([key, following]);
    }
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo() && !(this.#isOver && this.#running === 0)) {
      await new Promise<void>((resolve) => (this.#changed = resolve));
    }
  }
}
