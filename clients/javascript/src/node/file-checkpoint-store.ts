import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Checkpoint, CheckpointStore } from '../checkpoint.js';

/**
 * Keeps a checkpoint in a file, which is replaced as a whole: what is there is always a checkpoint.
 * One process at a time.
 */
export class FileCheckpointStore implements CheckpointStore {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async load(): Promise<Checkpoint | null> {
    try {
      return (await readFile(this.#path, 'utf8')).trim();
    } catch (e) {
      if ((e as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw e;
    }
  }

  async save(checkpoint: Checkpoint): Promise<void> {
    await replaceFile(this.#path, `${checkpoint}\n`);
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
  await syncFolder(dirname(path));
}

/** Else the rename may be lost in a power failure, and the file before it is there. */
async function syncFolder(path: string): Promise<void> {
  if (globalThis.process.platform === 'win32') return; // which has no such thing
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
