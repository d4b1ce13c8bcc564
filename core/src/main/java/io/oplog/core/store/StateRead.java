package io.oplog.core.store;

import io.oplog.protocol.FrameFilter;

/**
 * Which states to read.
 *
 * <p>Read are, in the order of their positions and after {@code after}: live objects whose state
 * passes the filter, as {@code insert}; tombstones that pass it, as {@code delete}; and for a
 * filter with parents, each object that left one of them, under the position of the operation that
 * no longer named it, as its present state. Tombstones and left parents count only when they are
 * after {@code ignoreDeletesThrough} and were committed at or after the second {@code since};
 * tombstones count always where {@code tombstones} says so.
 *
 * <p>A deletion that does not count because it was committed before {@code since}, or lies at or
 * before {@code ignoreDeletesThrough}, must have happened in the states that are read, or its
 * object would be taken for one that lives. The page is {@link StatePage.FoldBehind} while {@link
 * #relyOn} says that it may not.
 *
 * <p>The page is {@link StatePage.FloorPassed} when a tombstone that this reader may need is gone:
 * {@code after < floor.sequence && since <= floor.second && floor.sequence > ignoreDeletesThrough},
 * looked at on the same snapshot as the states.
 *
 * @param after the position up to which the consumer has everything
 * @param committedFromMillis leave out what was committed before, milliseconds since the epoch; 0
 *     leaves out nothing
 * @param since the stream's since in seconds: an event's seconds are the later of this and its
 *     commit second
 * @param ignoreDeletesThrough the fold position at which a replication from the beginning started;
 *     0 for every other stream
 * @param filter what the consumer asked for
 * @param maxBytes stop before this many bytes; at least one frame is returned if there is one
 * @param tombstones whether every tombstone that is kept is asked for, however old. Those that were
 *     dropped are not missed: what {@link StatePage.FloorPassed} says does not depend on it
 */
public record StateRead(
    long after,
    long committedFromMillis,
    long since,
    long ignoreDeletesThrough,
    FrameFilter filter,
    int maxBytes,
    boolean tombstones) {

  /** Without tombstones that an ordinary consumer does not need. */
  public StateRead(
      long after,
      long committedFromMillis,
      long since,
      long ignoreDeletesThrough,
      FrameFilter filter,
      int maxBytes) {
    this(after, committedFromMillis, since, ignoreDeletesThrough, filter, maxBytes, false);
  }

  /** Whether a deletion, or the leaving of a parent, counts for this reader. */
  public boolean countsAsDelete(long position, long second) {
    return position > ignoreDeletesThrough && second >= since;
  }

  /**
   * Whether the states hold every operation that this reader takes for granted. Commit times never
   * fall, so what comes after an operation of the second {@code since} is not before it either.
   *
   * @param fold the fold position of the snapshot that is read
   * @param foldSecond its commit second
   * @param head the log's head at or before that moment
   */
  public boolean relyOn(long fold, long foldSecond, long head) {
    return fold >= ignoreDeletesThrough && (foldSecond >= since || fold >= head);
  }
}
