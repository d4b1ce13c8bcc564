const MOST_WAITING_BYTES = 16 << 20;
const MOST_IN_BATCH = 1000;

/** An operation, and who waits for its end. */
export interface Line {
  readonly bytes: Uint8Array;
  readonly stored: (eventId: string) => void;
  readonly failed: (reason: unknown) => void;
}

/** Operations that wait to be published, in their order. */
export class Outbox {
  readonly #mostWaiting: number;
  #waiting: Line[] = [];
  #waitingBytes = 0;
  /** In a batch; less where a server has said so. */
  #mostBytes = 1 << 20;

  constructor(mostWaiting: number) {
    this.#mostWaiting = mostWaiting;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Whether no more should be added now. */
  get isFull(): boolean {
    return this.#waiting.length >= this.#mostWaiting || this.#waitingBytes >= MOST_WAITING_BYTES;
  }

  add(line: Line): void {
    this.#waiting.push(line);
    this.#waitingBytes += line.bytes.length;
  }

  /** Takes what is sent together. */
  takeBatch(): Line[] {
    const size = prefix(this.#waiting, MOST_IN_BATCH, this.#mostBytes);
    const batch = this.#waiting.splice(0, size);
    this.#waitingBytes -= bytesOf(batch);
    return batch;
  }

  /** The halves of a batch that the server does not take; none later is larger. */
  halves(batch: Line[]): [Line[], Line[]] {
    const half = Math.floor(bytesOf(batch) / 2);
    this.#mostBytes = Math.min(this.#mostBytes, half);
    const size = prefix(batch, batch.length - 1, half);
    return [batch.slice(0, size), batch.slice(size)];
  }
}

/** How many lines from the first on have at most so many bytes; at least one. */
function prefix(lines: readonly Line[], mostLines: number, mostBytes: number): number {
  const end = Math.min(mostLines, lines.length);
  let bytes = 0;
  for (let size = 0; size < end; size++) {
    bytes += lines[size]!.bytes.length;
    if (size > 0 && bytes > mostBytes) return size;
  }
  return end;
}

function bytesOf(lines: readonly Line[]): number {
  return lines.reduce((sum, { bytes }) => sum + bytes.length, 0);
}
