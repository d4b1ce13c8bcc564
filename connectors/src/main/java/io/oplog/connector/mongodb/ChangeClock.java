package io.oplog.connector.mongodb;

import io.oplog.connector.document.ChangeTime;

/**
 * Numbers the changes of each cluster time, as those of a transaction have one. They come in the
 * same order each time they are read, so whoever goes on from a position gives the same numbers.
 */
final class ChangeClock {
  private static final int BEFORE_THE_FIRST = -1;

  private ChangeTime last;

  /**
   * @param last the time of the change before
   */
  ChangeClock(ChangeTime last) {
    this.last = last;
  }

  /** Counts from the first change of a cluster time. */
  static ChangeClock beforeAllOf(ChangeTime time) {
    return new ChangeClock(new ChangeTime(time.clusterTime(), BEFORE_THE_FIRST));
  }

  /** The time of the next change. */
  ChangeTime next(long clusterTime) {
    int index = clusterTime == last.clusterTime() ? last.index() + 1 : 0;
    last = new ChangeTime(clusterTime, index);
    return last;
  }

  ChangeTime last() {
    return last;
  }
}
