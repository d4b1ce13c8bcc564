import { OplogError } from './errors.js';
import { deliver, orderOf, type StreamEvent } from './events.js';

/** Positions between events that are remembered; an older checkpoint would do as well. */
const MOST_MOVES = 1000;

/** Some 100 MB of them. */
const MOST_OUT_OF_TURN = 1_000_000;

/**
 * Knows the checkpoint: the event id of the last event before the first that is not acknowledged.
 * Events are counted as they are handed out, and only those that are acknowledged out of turn are
 * kept: who never acknowledges needs no memory.
 */
export class Acknowledgements {
  #handedOut = 0;
  /** The number of the first event that is not acknowledged. */
  #open = 1;
  readonly #outOfTurn = new Map<number, string>();
  /** Where the position moved to after an event. */
  readonly #moves = new Map<number, string>();
  #checkpoint: string | null = null;

  get checkpoint(): string | null {
    return this.#checkpoint;
  }

  handOut(event: StreamEvent): void {
    deliver(event, this, ++this.#handedOut);
  }

  /** The position moved on, with nothing to acknowledge. */
  moved(eventId: string): void {
    if (this.#open > this.#handedOut) {
      this.#checkpoint = eventId;
      return;
    }
    this.#moves.set(this.#handedOut, eventId);
    if (this.#moves.size > MOST_MOVES) this.#moves.delete(this.#moves.keys().next().value!);
  }

  /**
   * Whether the checkpoint moved.
   *
   * @throws {OplogError} when too many were acknowledged after one that is not
   */
  acknowledge(event: StreamEvent): boolean {
    const order = orderOf(event, this);
    if (order > this.#open) {
      this.#keep(order, event.eventId);
      return false;
    }
    if (order < this.#open) return false;
    this.#advance(event.eventId);
    return true;
  }

  #keep(order: number, eventId: string): void {
    if (this.#outOfTurn.size >= MOST_OUT_OF_TURN && !this.#outOfTurn.has(order)) {
      const checkpoint = this.#checkpoint ?? 'none yet';
      throw new OplogError(
        `${MOST_OUT_OF_TURN} events were acknowledged after one that is not; the checkpoint is ${checkpoint}`,
      );
    }
    this.#outOfTurn.set(order, eventId);
  }

  #advance(eventId: string): void {
    for (let done: string | undefined = eventId; done !== undefined; ) {
      this.#outOfTurn.delete(this.#open);
      this.#checkpoint = this.#moves.get(this.#open) ?? done;
      this.#moves.delete(this.#open);
      done = this.#outOfTurn.get(++this.#open);
    }
  }
}
