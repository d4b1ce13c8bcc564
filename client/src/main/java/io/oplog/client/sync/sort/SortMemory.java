package io.oplog.client.sync.sort;

/**
 * What sorting may hold in memory: one run while it is filled, or a buffer for each file while they
 * are merged. Two sides are merged at once.
 *
 * @param runBytes entries that are sorted together; their offsets take an eighth more, and twice
 *     that for short ones
 * @param fanIn files that are merged together, at least 2
 * @param readBytes read ahead of each
 */
record SortMemory(int runBytes, int fanIn, int readBytes) {
  /** 48 MiB for a run, 2 x 16 MiB while merging: 100 million entries make one pass more. */
  static final SortMemory DEFAULT = new SortMemory(48 << 20, 128, 128 << 10);

  SortMemory {
    if (runBytes < 1 || fanIn < 2 || readBytes < 1) {
      throw new IllegalArgumentException(
          "must be runBytes >= 1, fanIn >= 2, readBytes >= 1: runBytes="
              + runBytes
              + " fanIn="
              + fanIn
              + " readBytes="
              + readBytes);
    }
  }
}
