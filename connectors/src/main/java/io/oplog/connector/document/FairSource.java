package io.oplog.connector.document;

import io.oplog.core.relay.Backlog;
import io.oplog.core.relay.Batch;
import io.oplog.core.relay.Source;
import io.oplog.core.relay.Start;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A source that reads ahead of whoever takes its changes, and hands them out in turns, a few of
 * each collection: see {@link Lanes}. So one collection that changes a lot does not hold up the
 * others, once their changes are here. The order within a collection stays; a sink must do with
 * that.
 *
 * <p>What waits is bounded, and then no more is read.
 */
public final class FairSource implements Source<DocumentChange> {
  private final Source<DocumentChange> source;
  private final Conflation conflation;
  private final long mostBytes;
  private volatile @Nullable ReadAhead reading;
  private final LongAdder conflated = new LongAdder();

  /**
   * Does nothing yet.
   *
   * @param source closed with this; begins with a scan
   * @param mostBytes how much may wait, about; a batch of the source may come on top
   */
  public FairSource(Source<DocumentChange> source, Conflation conflation, long mostBytes) {
    this.source = source;
    this.conflation = conflation;
    this.mostBytes = mostBytes;
  }

  @Override
  public String name() throws IOException, InterruptedException {
    return source.name();
  }

  /** What was read and not handed out is read again. */
  @Override
  public Start<DocumentChange> seek(Optional<String> position)
      throws IOException, InterruptedException {
    stop();
    Start<DocumentChange> start = source.seek(position);
    if (start instanceof Start.Resumed) {
      ReadAhead begun =
          new ReadAhead(
              source, new Lanes(conflation, position.orElseThrow(), conflated), mostBytes);
      begun.start();
      reading = begun;
    }
    return start;
  }

  private void stop() throws IOException, InterruptedException {
    ReadAhead before = reading;
    if (before != null) {
      before.stop();
      reading = null;
    }
  }

  @Override
  public Optional<Batch<DocumentChange>> next(int maxBytes, Duration wait)
      throws IOException, InterruptedException {
    ReadAhead now = reading;
    if (now == null) {
      throw new IOException("nothing is read before it is known from where");
    }
    return now.next(maxBytes, wait);
  }

  @Override
  public void acknowledged(String position) {
    ReadAhead now = reading;
    if (now != null) {
      now.acknowledged(position);
    }
  }

  @Override
  public Backlog backlog() throws IOException {
    return source.backlog();
  }

  @Override
  public long conflated() {
    return conflated.sum();
  }

  @Override
  public void check() throws IOException, InterruptedException {
    source.check();
  }

  /** The thread that reads fails by this at the latest. */
  @Override
  public void close() {
    ReadAhead last = reading;
    if (last != null) {
      last.interrupt();
    }
    source.close();
  }
}
