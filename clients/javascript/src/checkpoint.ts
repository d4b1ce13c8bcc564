import { OplogError } from './errors.js';
import { isEventId, shortened } from './events.js';
import { LONGEST_TIMER } from './pause.js';

/** Where a consumer goes on: the id of the event up to which all were acknowledged. */
export type Checkpoint = string;

/** Keeps a checkpoint. */
export interface CheckpointStore {
  /** What was saved last; null or undefined where there is nothing. */
  load(): Promise<Checkpoint | null | undefined>;
  /** Keeps it, durably; calls do not overlap. */
  save(checkpoint: Checkpoint): Promise<unknown>;
}

/** Saves checkpoints one at a time, and at most so often as it is told. */
export class CheckpointSaver {
  readonly #store: CheckpointStore;
  readonly #every: number;
  readonly #current: () => Checkpoint | null;
  #saved: Checkpoint | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saving: Promise<void> = Promise.resolve();
  #failure: unknown = null;

  /**
   * @param every milliseconds
   * @param current the checkpoint at the moment
   */
  constructor(store: CheckpointStore, every: number, current: () => Checkpoint | null) {
    this.#store = store;
    this.#every = every;
    this.#current = current;
  }

  /** Where to begin; null where nothing was saved. */
  async load(): Promise<Checkpoint | null> {
    const checkpoint = (await this.#store.load()) ?? null;
    if (checkpoint !== null && !isEventId(checkpoint)) {
      throw new OplogError(`the store has no checkpoint, but something else: ${shortened(String(checkpoint))}`);
    }
    this.#saved = checkpoint;
    return checkpoint;
  }

  /** The checkpoint moved. */
  moved(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#save();
    }, Math.min(this.#every, LONGEST_TIMER));
  }

  /** @throws what the store threw when it last saved */
  requireSound(): void {
    const failure = this.#failure;
    this.#failure = null;
    if (failure !== null) throw failure;
  }

  /** Saves what is not saved yet. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#failure = null; // it is tried again
    this.#save();
    await this.#saving;
    this.requireSound();
  }

  #save(): void {
    this.#saving = this.#saving.then(async () => {
      const checkpoint = this.#current();
      if (checkpoint === null || checkpoint === this.#saved) return;
      try {
        await this.#store.save(checkpoint);
        this.#saved = checkpoint;
      } catch (e) {
        this.#failure = e;
      }
    });
  }
}
