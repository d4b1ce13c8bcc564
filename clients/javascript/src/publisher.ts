import { Backoff, type ConnectionListener } from './backoff.js';
import { lineOf, type Change } from './change.js';
import { Endpoint, type Access } from './endpoint.js';
import { ClosedError, lost, RefusedError, UnavailableError } from './errors.js';
import { isEventId } from './events.js';
import { answerLimit, heard, isEarly } from './first-answer.js';
import { Outbox, type Line } from './outbox.js';
import { pause } from './pause.js';
import { busy, discard, isPassing, notOplog, refused, type Refusal } from './problem.js';
import { RetryPolicy } from './retry-policy.js';
import { within } from './within.js';

/** How operations are published. */
export interface PublisherOptions extends ConnectionListener {
  /** When to try again; {@link RetryPolicy.BRIEF} unless told otherwise. */
  retry?: RetryPolicy;
  /**
   * How many operations wait before {@link Publisher.ready} does; 10,000 unless told otherwise. It
   * waits from 16 MiB of them on, too.
   */
  maxWaiting?: number;
}

const PACKED_FROM = 1024;
const ANSWER = 60_000;

/**
 * Sends operations over HTTP. What is published while a batch is on its way makes up the next one,
 * so the order is kept and a single `publish` is sent at once.
 */
export class Publisher {
  readonly #access: Access;
  readonly #url: string;
  readonly #retry: RetryPolicy;
  readonly #listener: ConnectionListener;
  readonly #outbox: Outbox;
  readonly #whenTaken: (() => void)[] = [];
  readonly #whenSettled: (() => void)[] = [];
  #added = 0;
  /** How many have ended, from the first on. */
  #settled = 0;
  #isSending = false;
  #packs: boolean;
  #isClosed = false;
  /** Why the last batch was given up, if it was. */
  #gaveUp: UnavailableError | null = null;

  constructor(server: Endpoint | string, options: PublisherOptions = {}) {
    const { maxWaiting = 10_000 } = options;
    if (!(maxWaiting >= 1)) throw new RangeError(`must be >= 1: maxWaiting=${maxWaiting}`);
    const endpoint = Endpoint.of(server);
    this.#access = endpoint.ingest;
    this.#url = endpoint.operations;
    this.#packs = typeof CompressionStream !== 'undefined' && !isForeign(this.#url);
    this.#retry = options.retry ?? RetryPolicy.BRIEF;
    this.#listener = options;
    this.#outbox = new Outbox(maxWaiting);
  }

  /**
   * Ends when the operation is durable, with the event id of the last one of its batch. Operations are stored in the order of the calls. One whose batch's answer
   * was lost may be stored twice.
   *
   * @throws {RefusedError} when the server refuses the operation, or all
   * @throws {UnavailableError} when the retry policy gives up; it may have been stored
   * @throws {ClosedError} when the publisher was closed before the call
   */
  async publish(change: Change): Promise<string> {
    this.#requireOpen();
    const bytes = new TextEncoder().encode(`${lineOf(change)}\n`);
    return new Promise((stored, failed) => {
      this.#outbox.add({ bytes, stored, failed });
      this.#added++;
      if (!this.#isSending) void this.#sendAll();
    });
  }

  /**
   * Ends when fewer than `maxWaiting` operations wait, and less than 16 MiB: for one who does not
   * await each `publish`.
   */
  async ready(): Promise<void> {
    while (this.#outbox.isFull) {
      await new Promise<void>((resolve) => this.#whenTaken.push(resolve));
    }
  }

  /** Ends when all that was published before has ended, well or not. */
  async flush(): Promise<void> {
    const all = this.#added;
    while (this.#settled < all) {
      await new Promise<void>((resolve) => this.#whenSettled.push(resolve));
    }
  }

  /** Flushes, and takes nothing more; once a batch is given up meanwhile, the rest fails with it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.flush();
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    await null; // what is published at the same moment goes with it
    while (!this.#outbox.isEmpty) {
      const batch = this.#outbox.takeBatch();
      for (const taken of this.#whenTaken.splice(0)) taken();
      await this.#send(batch);
      this.#settled += batch.length;
      for (const settled of this.#whenSettled.splice(0)) settled();
    }
    this.#isSending = false;
  }

  /** Sends lines until all have ended. Who closes it waits for one batch that is given up. */
  async #send(lines: Line[]): Promise<void> {
    if (this.#isClosed && this.#gaveUp !== null) return fail(lines, this.#gaveUp);
    let left = lines;
    try {
      while (left.length > 0) {
        const { eventId, refusal } = await this.#answer(left.map(({ bytes }) => bytes));
        this.#gaveUp = null;
        if (refusal === null) {
          for (const { stored } of left) stored(eventId);
          return;
        }
        left = await this.#withoutRefused(left, refusal);
      }
    } catch (e) {
      if (e instanceof UnavailableError) this.#gaveUp = e;
      fail(left, e);
    }
  }

  /** What is to be sent again: a line that is to blame fails alone. */
  async #withoutRefused(lines: Line[], { error, line }: Refusal): Promise<Line[]> {
    if (error.status === 413 && lines.length > 1) {
      for (const half of this.#outbox.halves(lines)) await this.#send(half);
      return [];
    }
    const bad = error.reason === 'INVALID' ? lines[line - 1] : undefined;
    if (bad === undefined) throw error;
    bad.failed(error);
    return lines.filter((one) => one !== bad);
  }

  /** The answer to as many attempts as the retry policy allows. */
  async #answer(lines: Uint8Array[]): Promise<Answer> {
    const backoff = new Backoff(this.#retry, this.#listener);
    const plain = concatenated(lines);
    const packed = this.#packs && plain.length >= PACKED_FROM ? await gzip(plain) : null;
    for (;;) {
      const body = this.#packs ? packed ?? plain : plain;
      let answer: Answer | null;
      try {
        answer = await this.#attempt(body, body === packed, backoff.attempt(ANSWER));
      } catch (e) {
        if (e instanceof RefusedError) throw e;
        await pause(backoff.failed(lost(this.#access.endpoint, e)));
        continue;
      }
      if (answer === null) continue;
      backoff.answered(); // what its listener throws does not send the batch again
      return answer;
    }
  }

  /** Null when it is to be sent in another form. */
  async #attempt(body: Uint8Array, isPacked: boolean, limit: number): Promise<Answer | null> {
    if (isEarly()) await this.#within(answerLimit(limit), (signal) => this.#knock(signal));
    return this.#within(limit, (signal) => this.#post(body, isPacked, signal));
  }

  #within<T>(limit: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const abort = new AbortController();
    return within(limit, this.#access.endpoint, abort, work(abort.signal));
  }

  /** A batch whose answer is not heard would be stored twice: first comes what may be asked twice. */
  async #knock(signal: AbortSignal): Promise<void> {
    const url = `${this.#access.endpoint.url}/readyz`;
    await fetch(url, { method: 'HEAD', redirect: 'manual', cache: 'no-store', credentials: 'omit', signal });
    heard(); // whatever was answered
  }

  async #post(body: Uint8Array, isPacked: boolean, signal: AbortSignal): Promise<Answer | null> {
    const answer = await fetch(this.#url, {
      method: 'POST',
      headers: {
        ...this.#access.headers,
        'Content-Type': 'application/x-ndjson',
        ...(isPacked ? { 'Content-Encoding': 'gzip' } : {}),
      },
      body: body as BodyInit,
      redirect: 'manual',
      cache: 'no-store',
      credentials: 'omit',
      signal,
    });
    heard();
    if (answer.status === 415 && isPacked) {
      this.#packs = false;
      discard(answer);
      return null;
    }
    return this.#read(answer, signal);
  }

  async #read(answer: Response, signal: AbortSignal): Promise<Answer> {
    const eventId = answer.headers.get('Oplog-Event-Id');
    if (answer.status === 204 || answer.status === 200) {
      discard(answer);
      if (eventId !== null && isEventId(eventId)) return { eventId, refusal: null };
      throw notOplog(this.#access, answer, `answered ${answer.status} without an event id`);
    }
    if (isPassing(answer.status)) {
      discard(answer);
      throw busy(this.#access, answer);
    }
    return { eventId: '', refusal: await refused(this.#access, answer, signal) };
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new ClosedError('the publisher was closed');
  }
}

/** Every operation is durable, or there is a refusal. */
interface Answer {
  eventId: string;
  refusal: Refusal | null;
}

function fail(lines: Line[], cause: unknown): void {
  for (const { failed } of lines) failed(cause);
}

/** Whether it is another origin than the page's: a server need not let its pages say that they pack. */
function isForeign(url: string): boolean {
  const page = globalThis.location as Location | undefined;
  return page !== undefined && page.origin !== new URL(url).origin;
}

function concatenated(lines: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(lines.reduce((sum, line) => sum + line.length, 0));
  let at = 0;
  for (const line of lines) {
    whole.set(line, at);
    at += line.length;
  }
  return whole;
}

async function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  const packed = new Blob([bytes as BlobPart]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}
