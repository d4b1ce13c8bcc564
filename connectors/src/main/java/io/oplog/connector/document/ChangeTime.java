package io.oplog.connector.document;

/**
 * The place of a change in the order of its source, the same for everybody who reads it.
 *
 * @param clusterTime the source's own time: seconds since the epoch in the upper half, a counter
 *     within the second in the lower
 * @param index within the changes of one cluster time, as those of a transaction have it
 */
public record ChangeTime(long clusterTime, int index) implements Comparable<ChangeTime> {
  /** How long its text is. */
  public static final int CHARS = 24;

  @Override
  public int compareTo(ChangeTime other) {
    int order = Long.compareUnsigned(clusterTime, other.clusterTime);
    return order != 0 ? order : Integer.compare(index, other.index);
  }

  /** Seconds since the epoch. */
  public long seconds() {
    return clusterTime >>> 32;
  }

  /** 24 hex digits that sort as the times do. */
  @Override
  public String toString() {
    return String.format("%016x%08x", clusterTime, index);
  }
}
