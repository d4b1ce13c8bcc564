import { MalformedStreamError } from './errors.js';

/** What a stream of Server-Sent Events holds: a block with data. */
export interface SseEvent {
  /** The event's name; `message` where it has none. */
  readonly type: string;
  readonly data: string;
  /** The last id that came until here; empty when there was none. */
  readonly lastEventId: string;
}

/** Hears what {@link SseParser.feed} finds. */
export interface SseListener {
  onEvent(event: SseEvent): void;
  /** The server asks to wait so many milliseconds before a new connection. */
  onRetry?(millis: number): void;
  /** A comment, such as a heartbeat. */
  onComment?(): void;
}

/** The bounds of a stream, in bytes of UTF-8. */
export interface SseLimits {
  /** The longest line, without its end; 1 MiB unless told otherwise. */
  maxLineBytes?: number;
  /** The longest data of an event; 4 MiB unless told otherwise. */
  maxEventBytes?: number;
}

const LONGEST_RETRY = 2 ** 31 - 1;
const MARK = '\uFEFF';
const COLON = 0x3a;
const SPACE = 0x20;

/**
 * Bytes in, events out, as the HTML standard says: a line ends in LF, CR or CRLF, wherever the
 * chunks are cut, and a byte order mark at the start is passed over. One instance a connection. An
 * event that the stream ends in is dropped.
 *
 * The bytes are decoded a chunk at a time, since that is much faster than a line at a time: lines
 * are looked for in the text.
 */
export class SseParser {
  readonly #maxLineBytes: number;
  readonly #maxEventBytes: number;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  /** The start of a line whose end has not come. */
  #partial = '';
  #partialBytes = 0;
  #lfEndsCr = false;
  #first = true;

  #data: string | null = null;
  #countedBytes = 0;
  #type = '';
  #id = '';
  #lastEventId = '';

  constructor(limits: SseLimits = {}) {
    this.#maxLineBytes = limits.maxLineBytes ?? 1 << 20;
    this.#maxEventBytes = limits.maxEventBytes ?? 4 << 20;
  }

  /** The id to resume from, if the stream ended now; empty when there was none. */
  get lastEventId(): string {
    return this.#lastEventId;
  }

  /**
   * Reads a chunk. The listener is called for all that ends in it.
   *
   * @throws {MalformedStreamError} when a bound is passed; the parser is of no use then
   */
  feed(bytes: Uint8Array, listener: SseListener): void {
    const text = this.#withoutMark(this.#decoder.decode(bytes, { stream: true }));
    let start = this.#lfEndsCr && text.startsWith('\n') ? 1 : 0;
    this.#lfEndsCr &&= text === '';
    let lf = text.indexOf('\n', start);
    let cr = text.indexOf('\r', start);
    while (lf >= 0 || cr >= 0) {
      const endsInCr = cr >= 0 && (lf < 0 || cr < lf);
      const end = endsInCr ? cr : lf;
      this.#endLine(text, start, end, listener);
      start = endsInCr && lf === end + 1 ? end + 2 : end + 1;
      this.#lfEndsCr = endsInCr && start === text.length && lf !== end + 1;
      if (lf >= 0 && lf < start) lf = text.indexOf('\n', start);
      if (cr >= 0 && cr < start) cr = text.indexOf('\r', start);
    }
    this.#keep(text.substring(start));
  }

  #withoutMark(text: string): string {
    if (!this.#first || text === '') return text;
    this.#first = false;
    return text.startsWith(MARK) ? text.substring(MARK.length) : text;
  }

  #endLine(text: string, start: number, end: number, listener: SseListener): void {
    if (this.#partialBytes === 0) {
      if ((end - start) * 3 > this.#maxLineBytes) this.#requireLine(text.substring(start, end), 0);
      this.#line(text, start, end, listener);
    } else {
      this.#keep(text.substring(start, end));
      const line = this.#partial;
      this.#partial = '';
      this.#partialBytes = 0;
      this.#line(line, 0, line.length, listener);
    }
  }

  #keep(text: string): void {
    if (text === '') return;
    this.#requireLine(text, this.#partialBytes);
    this.#partial += text;
    this.#partialBytes += byteLength(text);
  }

  #requireLine(text: string, bytesBefore: number): void {
    if (exceeds(text, this.#maxLineBytes - bytesBefore)) {
      throw new MalformedStreamError(`a line is longer than ${this.#maxLineBytes} bytes`);
    }
  }

  /**
   * A line where it stands: texts of lines and of names would be most of what is made here. Only
   * names that are known are looked for, since a line may have no colon.
   */
  #line(text: string, start: number, end: number, listener: SseListener): void {
    if (start === end) {
      this.#dispatch(listener);
    } else if (isNamed(text, start, end, 'data')) {
      this.#addData(valueOf(text, start + 4, end));
    } else if (isNamed(text, start, end, 'event')) {
      this.#type = valueOf(text, start + 5, end);
    } else if (isNamed(text, start, end, 'id')) {
      const id = valueOf(text, start + 2, end);
      if (!id.includes('\0')) this.#id = id;
    } else if (isNamed(text, start, end, 'retry')) {
      const retry = valueOf(text, start + 5, end);
      if (/^[0-9]+$/.test(retry)) listener.onRetry?.(Math.min(Number(retry), LONGEST_RETRY));
    } else if (text.charCodeAt(start) === COLON) {
      listener.onComment?.();
    }
  }

  #addData(value: string): void {
    const before = this.#data === null ? 0 : this.#dataBytes() + 1;
    if (exceeds(value, this.#maxEventBytes - before)) {
      throw new MalformedStreamError(`an event is longer than ${this.#maxEventBytes} bytes`);
    }
    if (this.#data === null) {
      this.#data = value;
    } else {
      this.#data += `\n${value}`;
      this.#countedBytes = before + byteLength(value);
    }
  }

  /** Data of one line are not counted: most events have no more. */
  #dataBytes(): number {
    if (this.#countedBytes === 0) this.#countedBytes = byteLength(this.#data!);
    return this.#countedBytes;
  }

  #dispatch(listener: SseListener): void {
    const data = this.#data;
    const type = this.#type === '' ? 'message' : this.#type;
    this.#lastEventId = this.#id;
    this.#data = null;
    this.#countedBytes = 0;
    this.#type = '';
    if (data !== null) listener.onEvent({ type, data, lastEventId: this.#lastEventId });
  }
}

/** Whether a line is a field of that name; its colon may be missing, and its value then. */
function isNamed(text: string, start: number, end: number, name: string): boolean {
  const nameEnd = start + name.length;
  return (
    nameEnd <= end &&
    text.startsWith(name, start) &&
    (nameEnd === end || text.charCodeAt(nameEnd) === COLON)
  );
}

function valueOf(text: string, nameEnd: number, end: number): string {
  const start = text.charCodeAt(nameEnd + 1) === SPACE ? nameEnd + 2 : nameEnd + 1;
  return start < end ? text.substring(start, end) : '';
}

/** Most texts are short enough whatever is in them, and need not be counted. */
function exceeds(text: string, limit: number): boolean {
  return text.length * 3 > limit && byteLength(text) > limit;
}

function byteLength(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // both halves of a pair take two bytes each
    if (unit > 0x7f) bytes += unit <= 0x7ff || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return bytes;
}
