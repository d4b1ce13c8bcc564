import { Backoff, type ConnectionListener } from './backoff.js';
import { lineOf, type Change } from './change.js';
import { Endpoint, type Access } from './endpoint.js';
import { ClosedError, lost } from './errors.js';
import { busy, isPassing, refused, type Refusal } from './problem.js';
import { RetryPolicy } from './retry-policy.js';

/** How operations are published. */
export interface PublisherOptions extends ConnectionListener {
  /** When to try again; {@link RetryPolicy.BRIEF} unless told otherwise. */
  retry?: RetryPolicy;
  /** How many operations wait before {@link Publisher.ready} does; 10,000 unless told otherwise. */
  maxWaiting?: number;
}

const MOST_OPERATIONS = 1000;
const MOST_BYTES = 1 << 20;
const PACKED_FROM = 1024;
const ANSWER = 60_000;

interface Waiting {
  readonly line: Uint8Array;
  readonly stored: (eventId: string | null) => void;
  readonly failed: (reason: unknown) => void;
}

/**
 * Sends operations over HTTP. What is published while a batch is on its way makes up the next one,
 * so the order is kept and a single `publish` is sent at once.
 */
export class Publisher {
  readonly #access: Access;
  readonly #url: string;
  readonly #retry: RetryPolicy;
  readonly #listener: ConnectionListener;
  readonly #maxWaiting: number;
  #waiting: Waiting[] = [];
  readonly #whenReady: (() => void)[] = [];
  #sending: Promise<void> | null = null;
  #packs: boolean;
  #isClosed = false;

  constructor(server: Endpoint | string, options: PublisherOptions = {}) {
    const endpoint = Endpoint.of(server);
    this.#access = endpoint.ingest;
    this.#url = endpoint.operations;
    this.#packs = typeof CompressionStream !== 'undefined' && !isForeign(this.#url);
    this.#retry = options.retry ?? RetryPolicy.BRIEF;
    this.#listener = options;
    this.#maxWaiting = options.maxWaiting ?? 10_000;
  }

  /**
   * Ends when the operation is durable, with the event id of the last one of its batch (null where
   * a browser hides it). Operations are stored in the order of the calls. One whose batch's answer
   * was lost may be stored twice.
   *
   * @throws {RefusedError} when the server refuses the operation, or all
   * @throws {UnavailableError} when the retry policy gives up; it may have been stored
   * @throws {ClosedError} when the publisher was closed before the call
   */
  async publish(change: Change): Promise<string | null> {
    this.#requireOpen();
    const line = new TextEncoder().encode(`${lineOf(change)}\n`);
    return new Promise((stored, failed) => {
      this.#waiting.push({ line, stored, failed });
      this.#sending ??= this.#sendAll();
    });
  }

  /**
   * Ends when fewer than `maxWaiting` operations wait: for one who does not await each `publish`.
   */
  async ready(): Promise<void> {
    while (this.#waiting.length >= this.#maxWaiting) {
      await new Promise<void>((resolve) => this.#whenReady.push(resolve));
    }
  }

  /** Ends when all that was published before has ended, well or not. */
  async flush(): Promise<void> {
    while (this.#sending !== null) await this.#sending;
  }

  /** Flushes, and takes nothing more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.flush();
  }

  async #sendAll(): Promise<void> {
    await null; // what is published at the same moment goes with it
    while (this.#waiting.length > 0) {
      const batch = this.#nextBatch();
      for (const ready of this.#whenReady.splice(0)) ready();
      await this.#send(batch);
    }
    this.#sending = null;
  }

  #nextBatch(): Waiting[] {
    let bytes = 0;
    let size = 0;
    for (const { line } of this.#waiting) {
      bytes += line.length;
      if (size === MOST_OPERATIONS || (size > 0 && bytes > MOST_BYTES)) break;
      size++;
    }
    return this.#waiting.splice(0, size);
  }

  /** Sends a batch until it is settled, without the lines that the server refuses alone. */
  async #send(batch: Waiting[]): Promise<void> {
    try {
      while (batch.length > 0) {
        const answer = await this.#answer(batch.map(({ line }) => line));
        if (answer.refusal === null) {
          for (const { stored } of batch) stored(answer.eventId);
          return;
        }
        batch = this.#without(batch, answer.refusal);
      }
    } catch (e) {
      for (const { failed } of batch) failed(e);
    }
  }

  #without(batch: Waiting[], { error, line }: Refusal): Waiting[] {
    const bad = error.reason === 'INVALID' ? batch[line - 1] : undefined;
    if (bad === undefined) throw error;
    bad.failed(error);
    return batch.filter((one) => one !== bad);
  }

  /** The answer to as many attempts as the retry policy allows. */
  async #answer(lines: Uint8Array[]): Promise<Answer> {
    const backoff = new Backoff(this.#retry, this.#listener);
    const plain = concatenated(lines);
    const packed = this.#packs && plain.length >= PACKED_FROM ? await gzip(plain) : null;
    for (;;) {
      try {
        const body = this.#packs ? packed ?? plain : plain;
        const answer = await this.#attempt(body, body === packed, backoff.attempt(ANSWER));
        if (answer !== null) {
          backoff.answered();
          return answer;
        }
      } catch (e) {
        const wait = backoff.failed(lost(this.#access.endpoint, e));
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  }

  /** Null when it is to be sent in another form. */
  async #attempt(body: Uint8Array, isPacked: boolean, limit: number): Promise<Answer | null> {
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
      signal: AbortSignal.timeout(Math.ceil(limit)),
    });
    if (answer.status === 415 && isPacked) {
      this.#packs = false;
      await answer.body?.cancel();
      return null;
    }
    return this.#read(answer);
  }

  async #read(answer: Response): Promise<Answer> {
    if (answer.status === 200 || answer.status === 204) {
      await answer.body?.cancel();
      return { eventId: answer.headers.get('Oplog-Event-Id'), refusal: null };
    }
    if (isPassing(answer.status)) {
      await answer.body?.cancel();
      throw busy(this.#access, answer);
    }
    return { eventId: null, refusal: await refused(this.#access, answer) };
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new ClosedError('the publisher was closed');
  }
}

/** Every operation is durable, or there is a refusal. */
interface Answer {
  eventId: string | null;
  refusal: Refusal | null;
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
