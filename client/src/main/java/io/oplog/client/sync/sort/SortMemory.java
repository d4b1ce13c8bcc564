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
  private static final int MOST_RUN_BYTES = 48 << 20;
  private static final int MOST_READ_BYTES = 128 << 10;

  /** What the heap allows. */
  static final SortMemory DEFAULT = of(Runtime.getRuntime().maxMemory());

  /**
   * A fifth of the heap for a run and an eighth while merging, at most 48 MiB and 2 x 16 MiB: 100
   * million entries make one pass more then.
   */
  static SortMemory of(long heapBytes) {
    return new SortMemory(
        (int) Math.min(MOST_RUN_BYTES, heapBytes / 5),
        128,
        (int) Math.min(MOST_READ_BYTES, heapBytes / (8 * 2 * 128)));
  }

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
