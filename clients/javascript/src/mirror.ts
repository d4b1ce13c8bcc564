import type { Endpoint } from './endpoint.js';
import { ClosedError } from './errors.js';
import { EventStream, type FollowOptions } from './event-stream.js';
import { Operation, type Progress, type StreamEvent } from './events.js';
import { Meter, type MirrorProgress } from './meter.js';
import { MirrorPosition } from './mirror-position.js';
import { RetryPolicy } from './retry-policy.js';
import { listOf } from './stream-request.js';
import { pause } from './pause.js';

/** What a target does; in the order it is given. */
export type MirrorChange<T> =
  | {
      readonly kind: 'put';
      readonly type: string;
      readonly id: string;
      readonly parents: readonly string[];
      readonly object: T;
      readonly generation: number;
    }
  | { readonly kind: 'remove'; readonly type: string; readonly id: string }
  /** Removes all objects that were put with an older generation. */
  | { readonly kind: 'removeOlder'; readonly generation: number };

/** Where a mirror keeps its copy. */
export interface MirrorTarget<T> {
  /** The checkpoint that was committed last; null or undefined where there is none. */
  load(): Promise<string | null | undefined>;
  /** Makes the changes and the checkpoint after them durable, together. */
  commit(changes: readonly MirrorChange<T>[], checkpoint: string): Promise<unknown>;
}

/** How a mirror works. */
export interface MirrorOptions<T> extends Omit<FollowOptions, 'from' | 'store' | 'saveEvery'> {
  /** The object of an operation; null or undefined where it is gone. */
  fetch(operation: Operation, signal: AbortSignal): Promise<T | null | undefined>;
  target: MirrorTarget<T>;
  /** How many objects are fetched side by side at most; 8 unless told otherwise. */
  concurrency?: number;
  /** How often it is tried to fetch an object; 5 times unless told otherwise. */
  attempts?: number;
  /** The waits between them; `giveUpAfter` is not used. */
  fetchRetry?: RetryPolicy;
  /** What to do about an object that cannot be had; `stop` unless told otherwise. */
  onDeadLetter?(operation: Operation, error: unknown): 'skip' | 'stop' | Promise<'skip' | 'stop'>;
  /** Hears how far it is, after a commit: at most once a second, and when it is live. */
  onProgress?(progress: MirrorProgress): void;
}

const MOST_IN_BATCH = 500;

/**
 * Follows a stream and makes a target the same as the source.
 *
 * What has come is taken as a batch, in which only the last operation of each object counts. Its
 * objects are fetched side by side, and committed together with the position after it.
 */
export class Mirror<T> {
  readonly #server: Endpoint | string;
  readonly #options: MirrorOptions<T>;
  readonly #parents: ReadonlySet<string>;
  readonly #closed = new AbortController();
  #running: Promise<void> | null = null;
  #position = MirrorPosition.START;
  #meter: Meter | null = null;

  constructor(server: Endpoint | string, options: MirrorOptions<T>) {
    const { concurrency = 8, attempts = 5 } = options;
    if (!(concurrency >= 1 && attempts >= 1)) {
      throw new RangeError(`must be >= 1: concurrency=${concurrency} attempts=${attempts}`);
    }
    const [types, parents] = [listOf(options.types), listOf(options.parents)];
    this.#server = server;
    this.#options = { ...options, types, parents, concurrency, attempts };
    this.#parents = new Set(parents);
  }

  /**
   * Runs until {@link close} is called, or the signal of the options. One that failed may run again;
   * called while it runs, this is the same run.
   *
   * @throws what the stream or the target throws, or the error of an object that cannot be had
   */
  run(): Promise<void> {
    this.#running ??= this.#run().finally(() => (this.#running = null));
    return this.#running;
  }

  /** Ends `run`, which has let go of the target then. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.#running?.catch(() => undefined);
  }

  async #run(): Promise<void> {
    this.#position = MirrorPosition.parse(await this.#options.target.load());
    const { signal } = this.#closed;
    const from = this.#position.eventId;
    const stream = new EventStream(this.#server, { ...this.#options, from, signal });
    const close = () => this.#closed.abort();
    if (this.#options.signal?.aborted) close();
    this.#options.signal?.addEventListener('abort', close);
    this.#meter = new Meter((progress) => this.#options.onProgress?.(progress));
    try {
      for (;;) await this.#apply(await nextBatch(stream), signal);
    } catch (e) {
      if (!(signal.aborted && e instanceof ClosedError)) throw e;
    } finally {
      this.#options.signal?.removeEventListener('abort', close);
      await stream.close();
    }
  }

  async #apply(batch: Batch, signal: AbortSignal): Promise<void> {
    const changes = await this.#changes([...batch.operations.values()], signal);
    this.#moveTo(batch.last, changes);
    await this.#options.target.commit(changes, this.#position.toString());
    this.#meter!.committed(batch.count, batch.last);
  }

  /** A batch ends in the only reset or live that it may have. */
  #moveTo({ kind, eventId }: StreamEvent | Progress, changes: MirrorChange<T>[]): void {
    const endsReset = kind === 'live' && this.#position.state === 'reset';
    if (kind === 'reset') this.#position = this.#position.reset(eventId);
    else if (kind === 'live') this.#position = this.#position.live(eventId);
    else this.#position = this.#position.at(eventId);
    if (endsReset) changes.push({ kind: 'removeOlder', generation: this.#position.generation });
  }

  async #changes(operations: Operation[], signal: AbortSignal): Promise<MirrorChange<T>[]> {
    const changes = new Array<MirrorChange<T> | null>(operations.length).fill(null);
    let next = 0;
    const work = async () => {
      while (next < operations.length) {
        const at = next++;
        changes[at] = await this.#change(operations[at]!, signal);
      }
    };
    const workers = Math.min(this.#options.concurrency!, operations.length);
    const ended = await Promise.allSettled(Array.from({ length: workers }, () => work().catch((e) => {
      next = operations.length;
      throw e;
    })));
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
    return changes.filter((change) => change !== null);
  }

  /** Null when the object is to be left as it is. */
  async #change(operation: Operation, signal: AbortSignal): Promise<MirrorChange<T> | null> {
    const { kind, type, id, parents } = operation;
    if (kind === 'delete' || !this.#isOurs(parents)) return { kind: 'remove', type, id };
    let object: T | null | undefined;
    try {
      object = await this.#fetch(operation, signal);
    } catch (e) {
      if (signal.aborted) throw new ClosedError('the mirror was closed');
      if ((await this.#options.onDeadLetter?.(operation, e)) === 'skip') return null;
      throw e;
    }
    if (object === null || object === undefined) return { kind: 'remove', type, id };
    return { kind: 'put', type, id, parents, object, generation: this.#position.generation };
  }

  /** An object none of whose parents are ours has left the filter. */
  #isOurs(parents: readonly string[]): boolean {
    return this.#parents.size === 0 || parents.some((parent) => this.#parents.has(parent));
  }

  async #fetch(operation: Operation, signal: AbortSignal): Promise<T | null | undefined> {
    const waits = this.#options.fetchRetry ?? RetryPolicy.BRIEF;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#options.fetch(operation, signal);
      } catch (e) {
        if (attempt >= this.#options.attempts! || signal.aborted) throw e;
        await pause(waits.delay(attempt), signal);
        if (signal.aborted) throw e;
      }
    }
  }
}

interface Batch {
  /** The last operation of each object, in their order. */
  operations: Map<string, Operation>;
  /** Of all operations. */
  count: number;
  last: StreamEvent | Progress;
}

/** Waits for an event, and takes what came with it, up to the first reset or live. */
async function nextBatch(stream: EventStream): Promise<Batch> {
  const operations = new Map<string, Operation>();
  let count = 0;
  for (;;) {
    const last = (await stream.nextPosition()).value!;
    if (last instanceof Operation) {
      count++;
      const key = JSON.stringify([last.type, last.id]);
      operations.delete(key);
      operations.set(key, last);
    }
    const isBarrier = last.kind === 'reset' || last.kind === 'live';
    if (isBarrier || !stream.hasNextNow || count === MOST_IN_BATCH) {
      return { operations, count, last };
    }
  }
}
