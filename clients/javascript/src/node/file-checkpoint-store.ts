import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Checkpoint, CheckpointStore } from '../checkpoint.js';
import { OplogError } from '../errors.js';
import { isEventId, shortened } from '../events.js';

/**
 * Keeps a checkpoint in a file, which is replaced as a whole: what is there is always a checkpoint.
 * One instance at a time.
 */
export class FileCheckpointStore implements CheckpointStore {
  readonly #path: string;
  /** What a stream that was closed still saves must not meet what the next one does. */
  #saving: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /** @throws {OplogError} when something else is in the file */
  async load(): Promise<Checkpoint | null> {
    const text = await this.#text();
    if (text !== null && !isEventId(text)) {
      throw new OplogError(`${this.#path} has no checkpoint, but something else: ${shortened(text)}`);
    }
    return text;
  }

  async #text(): Promise<string | null> {
    try {
      return (await readFile(this.#path, 'utf8')).trim();
    } catch (e) {
      if ((e as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw e;
    }
  }

  save(checkpoint: Checkpoint): Promise<void> {
    const saved = this.#saving.then(() => replaceFile(this.#path, `${checkpoint}\n`));
    this.#saving = saved.catch(() => undefined); // it was told
    return saved;
  }
}

/** Writes beside, to the disk, then renames. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const beside = `${path}.new`;
  const file = await open(beside, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
  await syncFolder(dirname(path)).catch(() => undefined); // not every system has folders that can be
}

/** Else the rename may be lost in a power failure, and the file before it is there. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
