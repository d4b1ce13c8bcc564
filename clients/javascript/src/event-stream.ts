import { Acknowledgements } from './acknowledgements.js';
import { Backoff, type ConnectionListener } from './backoff.js';
import { CheckpointSaver, type Checkpoint, type CheckpointStore } from './checkpoint.js';
import { Connection } from './connection.js';
import type { Endpoint } from './endpoint.js';
import { ClosedError, lost, MalformedStreamError, RefusedError } from './errors.js';
import { decode, Progress, type StreamEvent } from './events.js';
import { abortOf, pause } from './pause.js';
import { RetryPolicy } from './retry-policy.js';
import { SseParser, type SseListener } from './sse-parser.js';
import { positionOf, StreamRequest, type From, type StreamFilter } from './stream-request.js';

/** How a stream is followed. */
export interface FollowOptions extends StreamFilter, ConnectionListener {
  /** Where to start; `now` unless told otherwise, or where the store says. */
  from?: From;
  /** Keeps the checkpoint. */
  store?: CheckpointStore;
  /** How often it is saved at most, in milliseconds; 1 s unless told otherwise. */
  saveEvery?: number;
  /** When to try again; {@link RetryPolicy.FOREVER} unless told otherwise. */
  retry?: RetryPolicy;
  /** How long the server may be silent, in milliseconds; 60 s, and heartbeats come every 25. */
  silence?: number;
  /** Closes the stream. */
  signal?: AbortSignal;
}

/**
 * What comes after a position; goes on by itself when a connection breaks.
 *
 * ```js
 * for await (const event of follow('http://localhost:8042', { from: '0' })) { … }
 * ```
 */
export function follow(server: Endpoint | string, options: FollowOptions = {}): EventStream {
  return new EventStream(server, options);
}

/**
 * A stream of events that mends itself: a connection that breaks, or is silent for too long, is
 * made anew from the last event that was handed out.
 *
 * Pulled by one: `next` is not called again before it has answered. What was not yet asked for
 * waits in the network, so memory is bounded.
 */
export class EventStream implements AsyncIterableIterator<StreamEvent> {
  readonly #request: StreamRequest;
  readonly #backoff: Backoff;
  readonly #silence: number;
  readonly #saver: CheckpointSaver | null;
  readonly #acknowledgements = new Acknowledgements();
  readonly #closed = new AbortController();

  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => void this.close().catch(() => undefined);
  #isHeeding = false;
  #begun = false;
  #waiting = false;
  #lastEventId: string;
  #connection: Connection | null = null;
  #parser = new SseParser();
  #pending: (StreamEvent | Progress)[] = [];
  #at = 0;
  /** What came after the pending events. */
  #failure: MalformedStreamError | null = null;

  constructor(server: Endpoint | string, options: FollowOptions = {}) {
    this.#request = new StreamRequest(server, options);
    this.#backoff = new Backoff(options.retry ?? RetryPolicy.FOREVER, options);
    const { silence = 60_000, saveEvery = 1000 } = options;
    if (!(silence > 0 && saveEvery >= 0)) {
      throw new RangeError(`must be silence > 0, saveEvery >= 0: silence=${silence} saveEvery=${saveEvery}`);
    }
    this.#silence = silence;
    this.#lastEventId = positionOf(options.from ?? 'now');
    this.#saver = options.store
      ? new CheckpointSaver(options.store, saveEvery, () => this.checkpoint)
      : null;
    this.#signal = options.signal;
  }

  /** The position after the last event that was handed out, to follow from later. */
  get lastEventId(): string {
    return this.#lastEventId;
  }

  /** The id of the last event before the first that is not acknowledged; null before there is one. */
  get checkpoint(): Checkpoint | null {
    return this.#acknowledgements.checkpoint;
  }

  /**
   * The event is done: it need not come again. In any order; more than once does no harm.
   *
   * @throws {OplogError} when 1,000,000 were acknowledged after one that is not
   */
  acknowledge(event: StreamEvent): void {
    if (this.#acknowledgements.acknowledge(event)) this.#saver?.moved();
  }

  /**
   * Waits for the next event.
   *
   * @throws {RefusedError} when the server refuses for good
   * @throws {MalformedStreamError} when what it sends is not a stream of ours
   * @throws {UnavailableError} when the retry policy gives up
   * @throws {ClosedError} when the stream was closed
   */
  next(): Promise<IteratorResult<StreamEvent, undefined>> {
    return this.#next(false) as Promise<IteratorResult<StreamEvent, undefined>>;
  }

  /** @internal As {@link next}, and hears of progress too. */
  nextPosition(): Promise<IteratorResult<StreamEvent | Progress, undefined>> {
    return this.#next(true);
  }

  /** @internal Whether {@link nextPosition} would answer without waiting. */
  get hasNextNow(): boolean {
    return this.#at < this.#pending.length;
  }

  /** Ends the loop that left it. */
  async return(): Promise<IteratorResult<StreamEvent, undefined>> {
    await this.close();
    return { value: undefined, done: true };
  }

  /** Ends the stream, and saves the checkpoint; one that waits in `next` gets a {@link ClosedError}. */
  async close(): Promise<void> {
    this.#closed.abort();
    this.#disconnect();
    this.#heedNoMore();
    await this.#saver?.close();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** A signal that outlives many streams is to hold none of those that are over. */
  #heed(): void {
    if (this.#signal === undefined || this.#isHeeding) return;
    this.#isHeeding = true;
    if (this.#signal.aborted) this.#onAbort();
    else this.#signal.addEventListener('abort', this.#onAbort);
  }

  #heedNoMore(): void {
    this.#isHeeding = false;
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }

  #next(progress: boolean): Promise<IteratorResult<StreamEvent | Progress, undefined>> {
    if (this.#waiting) return Promise.reject(new TypeError('next was called while it waits'));
    try {
      const event = this.#takeNow(progress);
      return event === null ? this.#take(progress) : Promise.resolve({ value: event, done: false });
    } catch (e) {
      return this.#failed(e);
    }
  }

  async #take(progress: boolean): Promise<IteratorResult<StreamEvent | Progress, undefined>> {
    this.#waiting = true;
    this.#heed();
    try {
      if (!this.#begun) await this.#begin();
      for (;;) {
        await this.#fill();
        const value = this.#takeNow(progress);
        if (value !== null) return { value, done: false };
      }
    } catch (e) {
      return await this.#failed(e);
    } finally {
      this.#waiting = false;
    }
  }

  async #failed(e: unknown): Promise<never> {
    this.#disconnect();
    this.#heedNoMore();
    throw e;
  }

  async #begin(): Promise<void> {
    if (this.#saver !== null) {
      const loaded = Promise.race([this.#saver.load(), abortOf(this.#closed.signal)]);
      this.#lastEventId = (await loaded.finally(() => this.#requireOpen())) ?? this.#lastEventId;
    }
    this.#begun = true;
  }

  /** The next of what was read; null when more must be read. */
  #takeNow(progress: boolean): StreamEvent | Progress | null {
    this.#requireOpen();
    this.#saver?.requireSound();
    while (this.#at < this.#pending.length) {
      const event = this.#pending[this.#at++]!;
      this.#lastEventId = event.eventId;
      if (!(event instanceof Progress)) {
        this.#acknowledgements.handOut(event);
        return event;
      }
      this.#acknowledgements.moved(event.eventId);
      this.#saver?.moved();
      if (progress) return event;
    }
    if (this.#failure !== null) throw this.#failure;
    return null;
  }

  #malformed(e: MalformedStreamError): MalformedStreamError {
    const message = `${this.#request.access.endpoint} sent what is not a stream of ours: ${e.message}`;
    return new MalformedStreamError(message, { cause: e });
  }

  /** Reads on, or waits before it is tried again. */
  async #fill(): Promise<void> {
    this.#requireOpen();
    const isNew = this.#connection === null;
    try {
      if (isNew) await this.#connect();
      else this.#parse(await this.#connection!.read(this.#silence));
    } catch (e) {
      this.#requireOpen();
      this.#disconnect();
      if (e instanceof RefusedError) throw e;
      const wait = this.#backoff.failed(lost(this.#request.access.endpoint, e));
      await pause(wait, this.#closed.signal);
      return;
    }
    if (isNew) this.#backoff.answered(); // what its listener throws is no failure of the connection
  }

  async #connect(): Promise<void> {
    this.#connection = new Connection(this.#request);
    await this.#connection.open(this.#lastEventId, this.#backoff.attempt(this.#silence));
    this.#parser = new SseParser();
  }

  #parse(bytes: Uint8Array): void {
    this.#pending = [];
    this.#at = 0;
    try {
      this.#parser.feed(bytes, this.#found);
    } catch (e) {
      if (!(e instanceof MalformedStreamError)) throw e;
      this.#failure = this.#malformed(e);
    }
  }

  readonly #found: SseListener = {
    onEvent: (event) => {
      this.#backoff.succeeded();
      const decoded = decode(event);
      if (decoded !== null) this.#pending.push(decoded);
    },
    onRetry: (millis) => this.#backoff.startWith(millis),
  };

  #requireOpen(): void {
    if (this.#closed.signal.aborted) throw new ClosedError('the stream was closed');
  }

  #disconnect(): void {
    this.#connection?.close();
    this.#connection = null;
  }
}
