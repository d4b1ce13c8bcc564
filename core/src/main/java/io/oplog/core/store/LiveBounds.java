package io.oplog.core.store;

import io.oplog.core.store.Bounds.Floor;

/**
 * The bounds as everyone sees them, moved by the writer, the fold and retention. Where the log
 * begins and the floor only rise, in whatever order they are told. Thread-safe.
 */
public final class LiveBounds {
  private volatile Bounds now = new Bounds(1, 0, 0, 0, 0, Floor.NONE, 0);
  private long bytesThroughHead;
  private long bytesBeforeFirst;

  public Bounds now() {
    return now;
  }

  public synchronized void log(
      long first, long bytesBefore, long head, long millis, long bytesThrough) {
    bytesThroughHead = bytesThrough;
    set(raised(first, bytesBefore), head, millis, now.folded(), now.foldedMillis(), now.floor());
  }

  private void head(long head, long millis, long bytesThrough) {
    bytesThroughHead = bytesThrough;
    set(now.first(), head, millis, now.folded(), now.foldedMillis(), now.floor());
  }

  public synchronized void committed(LogBatch batch) {
    head(batch.last(), batch.commitMillis(), bytesThroughHead + batch.frames().length());
  }

  /** Before the first operation the log's time is the clock's. */
  public synchronized void notBefore(long millis) {
    if (now.head() == 0) {
      head(0, Math.max(millis, now.headMillis()), 0);
    }
  }

  public synchronized void first(long first, long bytesBefore) {
    long raised = raised(first, bytesBefore);
    set(raised, now.head(), now.headMillis(), now.folded(), now.foldedMillis(), now.floor());
  }

  private long raised(long first, long bytesBefore) {
    if (first < now.first()) {
      return now.first();
    }
    bytesBeforeFirst = bytesBefore;
    return first;
  }

  public synchronized void folded(long folded, long millis) {
    set(now.first(), now.head(), now.headMillis(), folded, millis, now.floor());
  }

  public synchronized void floor(Floor floor) {
    Floor raised = floor.sequence() > now.floor().sequence() ? floor : now.floor();
    set(now.first(), now.head(), now.headMillis(), now.folded(), now.foldedMillis(), raised);
  }

  /** Bytes of all frames ever written. */
  public synchronized long bytesThroughHead() {
    return bytesThroughHead;
  }

  private void set(
      long first, long head, long millis, long folded, long foldedMillis, Floor floor) {
    long bytes = Math.max(0, bytesThroughHead - bytesBeforeFirst);
    now = new Bounds(first, head, millis, folded, foldedMillis, floor, bytes);
  }
}
