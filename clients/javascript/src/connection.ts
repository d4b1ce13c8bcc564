import { OplogError } from './errors.js';
import { answerLimit, heard } from './first-answer.js';
import { requireStream, type StreamRequest } from './stream-request.js';
import { within } from './within.js';

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
    heard();
    await requireStream(this.#request.access, answer, this.#abort.signal);
    this.#reader = answer.body!.getReader();
  }

  /**
   * The next bytes.
   *
   * @param silence how long they may take to come, in milliseconds
   */
  async read(silence: number): Promise<Uint8Array> {
    const { value, done } = await this.#within(silence, this.#reader!.read());
    if (done) throw new OplogError(`the connection was closed by ${this.#request.access.endpoint}`);
    return value;
  }

  /** Ends it; one that waits hears so. */
  close(): void {
    this.#abort.abort();
  }

  #within<T>(limit: number, work: Promise<T>): Promise<T> {
    return within(limit, this.#request.access.endpoint, this.#abort, work);
  }
}
