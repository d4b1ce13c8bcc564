package io.oplog.core.store;

/**
 * What a store holds, as one consistent view.
 *
 * @param first sequence of the oldest operation in the log; {@code head + 1} when the log is empty
 * @param head sequence of the newest durable operation; 0 before the first
 * @param headMillis commit time of the head, milliseconds since the epoch; before the first
 *     operation the log's clock at opening, which no later commit time is below
 * @param folded sequence up to which the states have followed the log, at most {@code head}
 * @param foldedMillis commit time of {@code folded}, as {@code headMillis}
 * @param floor the newest tombstone that was dropped
 * @param logBytes size of the log, for retention
 */
public record Bounds(
    long first,
    long head,
    long headMillis,
    long folded,
    long foldedMillis,
    Floor floor,
    long logBytes) {

  /**
   * The newest tombstone, or record of a parent that was left, that the store has dropped.
   *
   * @param sequence its position; 0 when none was ever dropped
   * @param second its commit second
   */
  public record Floor(long sequence, long second) {
    /** Nothing was ever dropped. */
    public static final Floor NONE = new Floor(0, 0);

    /** Whether a tombstone that this reader may need is gone. */
    public boolean passedBy(StateRead read) {
      return read.after() < sequence
          && read.since() <= second
          && sequence > read.ignoreDeletesThrough();
    }
  }

  /** The commit second of the head. */
  public long headSecond() {
    return Math.floorDiv(headMillis, 1000L);
  }

  /** The commit second of the fold position. */
  public long foldedSecond() {
    return Math.floorDiv(foldedMillis, 1000L);
  }

  /** Whether an operation is in the log now. */
  public boolean inLog(long sequence) {
    return sequence >= first && sequence <= head;
  }
}
