package io.oplog.core.engine;

import io.oplog.core.store.LogBatch;
import java.util.List;

/**
 * The end of the log in memory: the newest batches, as many as fit the bound. The writer publishes,
 * event loops read; the bytes themselves are immutable and shared. Thread-safe.
 *
 * <p>A ring of batches in the order of their sequences, so that a place is found by binary search.
 * A reader whose place was evicted goes on from the store.
 */
final class Tail {
  private final long maxBytes;
  private LogBatch[] ring = new LogBatch[1024];
  private int oldest;
  private int count;
  private long bytes;
  private long last;
  private long lastMillis;

  /**
   * @param last sequence of the log's head now; reading starts after it
   * @param lastMillis its commit time
   */
  Tail(long maxBytes, long last, long lastMillis) {
    this.maxBytes = maxBytes;
    this.last = last;
    this.lastMillis = lastMillis;
  }

  /** Adds the next batch; one that leaves a hole empties the tail, since readers must not jump. */
  synchronized void publish(LogBatch batch) {
    if (batch.first() != last + 1) {
      clear();
    }
    if (count == ring.length) {
      grow();
    }
    ring[(oldest + count++) & (ring.length - 1)] = batch;
    bytes += batch.frames().length();
    last = batch.last();
    lastMillis = batch.commitMillis();
    evict();
  }

  @SuppressWarnings("NullAway") // slots outside the window are empty
  private void clear() {
    java.util.Arrays.fill(ring, null);
    oldest = 0;
    count = 0;
    bytes = 0;
  }

  private void grow() {
    LogBatch[] larger = new LogBatch[ring.length * 2];
    for (int i = 0; i < count; i++) {
      larger[i] = at(i);
    }
    ring = larger;
    oldest = 0;
  }

  @SuppressWarnings("NullAway") // an evicted slot is empty
  private void evict() {
    while (bytes > maxBytes && count > 1) {
      bytes -= at(0).frames().length();
      ring[oldest] = null;
      oldest = (oldest + 1) & (ring.length - 1);
      count--;
    }
  }

  private LogBatch at(int index) {
    return ring[(oldest + index) & (ring.length - 1)];
  }

  /** The newest sequence. */
  synchronized long last() {
    return last;
  }

  /** The newest place: sequence and commit time. */
  synchronized Place place() {
    return new Place(last, lastMillis);
  }

  record Place(long sequence, long millis) {
    /** The commit second. */
    long second() {
      return Math.floorDiv(millis, 1000L);
    }
  }

  /**
   * Collects batches that hold what comes after a sequence, until {@code enough} bytes.
   *
   * @param into cleared first; the first batch may begin before the asked place
   * @return false when the place is no longer here, or not yet
   */
  synchronized boolean read(long after, int enough, List<LogBatch> into) {
    into.clear();
    if (after > last || after < firstHeld() - 1) {
      return false;
    }
    long taken = 0;
    for (int i = indexAfter(after); i < count && taken < enough; i++) {
      into.add(at(i));
      taken += at(i).frames().length();
    }
    return true;
  }

  private long firstHeld() {
    return count == 0 ? last + 1 : at(0).first();
  }

  private int indexAfter(long sequence) {
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (at(middle).last() <= sequence) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
