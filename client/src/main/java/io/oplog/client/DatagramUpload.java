package io.oplog.client;

import io.oplog.protocol.OperationLimits;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends lines as datagrams at a bounded rate. Thread-confined but for {@link #stop}; for one input.
 */
public final class DatagramUpload {
  private static final int MAX_BATCH_BYTES = 256 * 1024;

  private final UdpPublisher publisher;
  private final long perSecond;
  private final Upload.Progress progress;
  private final LineCheck check = new LineCheck(OperationLimits.DEFAULTS);
  private long sent;
  private volatile boolean stopping;

  /**
   * An upload.
   *
   * @param perSecond operations a second, at least 1
   */
  public DatagramUpload(UdpPublisher publisher, long perSecond, Upload.Progress progress) {
    this.publisher = publisher;
    this.perSecond = perSecond;
    this.progress = progress;
  }

  /**
   * Sends everything; returning says nothing about its arrival.
   *
   * @throws BrokenLineException at the first line that is not an operation, when all before it was
   *     sent
   * @throws BrokenInputException when the input fails, and all whole lines before were sent
   */
  public void run(InputStream ndjson) throws IOException {
    // a hundredth of a second's worth at a time: what a server's receive buffer holds
    LineBatches batches = new LineBatches(ndjson, Math.max(1, perSecond / 100), MAX_BATCH_BYTES);
    long started = System.nanoTime();
    LineBatch batch = batches.next();
    while (batch != null && !stopping) {
      send(check.check(batch));
      LockSupport.parkNanos(started + due() - System.nanoTime());
      batch = batches.next();
    }
  }

  /** Asks {@link #run} to return after the lines it is sending. Any thread. */
  public void stop() {
    stopping = true;
  }

  private void send(LineCheck.Checked checked) throws IOException {
    publisher.send(checked.good().bytes());
    sent += checked.operations();
    progress.stored(checked.operations(), checked.good().lastLine());
    if (checked.broken() != null) {
      throw checked.broken();
    }
  }

  /** When the operations sent so far were due, in nanoseconds after the start. */
  private long due() {
    return (long) (sent * (1e9 / perSecond));
  }
}
