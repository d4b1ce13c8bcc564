import { OplogError } from './errors.js';
import { answerLimit } from './first-answer.js';
import { requireStream, type StreamRequest } from './stream-request.js';

/** A timer that is longer ends at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** One attempt at a stream: its answer, and then its bytes. */
export class Connection {
  readonly #request: StreamRequest;
  readonly #abort = new AbortController();
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null;

  constructor(request: StreamRequest) {
    this.#request = request;
  }

  /**
   * Waits for an answer that is a stream.
   *
   * @param limit how long it may take, in milliseconds
   */
  open(lastEventId: string, limit: number): Promise<void> {
    return this.#within(answerLimit(limit), this.#open(lastEventId));
  }

  async #open(lastEventId: string): Promise<void> {
    const answer = await this.#request.send(lastEventId, this.#abort.signal);
    await requireStream(this.#request.access, answer);
    this.#reader = answer.body!.getReader();
  }

  /**
   * The next bytes.
   *
   * @param silence how long they may take to come, in milliseconds
   */
  async read(silence: number): Promise<Uint8Array> {
    const { value, done } = await this.#within(silence, this.#reader!.read());
    if (done) throw new OplogError(`the connection was closed by ${this.#endpoint}`);
    return value;
  }

  /** Ends it; one that waits hears so. */
  close(): void {
    this.#abort.abort();
  }

  get #endpoint(): string {
    return this.#request.access.endpoint.toString();
  }

  async #within<T>(limit: number, work: Promise<T>): Promise<T> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.close();
    }, Math.min(limit, LONGEST_TIMER));
    try {
      return await work;
    } catch (e) {
      throw isLate ? new OplogError(`${this.#endpoint} was silent for ${limit} ms`) : e;
    } finally {
      clearTimeout(timer);
    }
  }
}
