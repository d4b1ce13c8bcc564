package io.oplog.client;

import io.oplog.client.IngestClient.Stored;
import io.oplog.client.Outbox.Line;
import io.oplog.client.RefusedException.Reason;
import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationLines;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Sends operations over HTTP, in the order of the calls. One is sent at once; what comes while a
 * batch is on its way makes up the next one. What waits is bounded: then callers wait. Thread-safe;
 * a thread of its own sends.
 *
 * <p>An operation whose batch's answer was lost may be stored twice, which a notice bears. Who ends
 * without {@link #flush} or {@link #close} may lose what waits.
 *
 * <pre>{@code
 * try (Publisher publisher = new Publisher(Endpoint.of("http://localhost:8042"))) {
 *   publisher.publish(Operation.update("video", "x42", "user/7"));
 * }
 * }</pre>
 */
public final class Publisher implements Closeable {
  private final IngestClient ingest;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Thread thread = new Thread(this::run, "oplog-publisher");

  /** Guarded by the lock, as all below. */
  private final Outbox outbox = new Outbox();

  private final OperationLines lines = new OperationLines();
  private boolean isClosed;

  /** Why the last batch was, if it was; for the thread that sends alone. */
  private @Nullable UnavailableException gaveUp;

  /** Tries again for a minute. Nothing is sent yet. */
  public Publisher(Endpoint endpoint) {
    this(endpoint, RetryPolicy.BRIEF, ConnectionListener.SILENT);
  }

  /**
   * A publisher with a policy of its own.
   *
   * @param retry when a batch is tried again; when that is given up its operations fail, and the
   *     next batch is tried
   */
  public Publisher(Endpoint endpoint, RetryPolicy retry, ConnectionListener listener) {
    this.ingest = new IngestClient(endpoint, retry, listener).packing();
    thread.setDaemon(true);
  }

  /**
   * Sends an operation, and waits until it is durable.
   *
   * @return the event id of the last operation that was stored with it
   * @throws RefusedException when the server does not take it, or nothing
   * @throws UnavailableException when the retry policy gives up; it may have been stored
   * @throws ClosedException when this is closed
   */
  public String publish(Operation operation) throws IOException, InterruptedException {
    requireOtherThread();
    try {
      return submit(operation).get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw new IllegalStateException(String.valueOf(e.getCause()), e.getCause());
    }
  }

  /**
   * Sends an operation; waits only while too many others do.
   *
   * @return ends when the operation is durable, as {@link #publish} does. What depends on it is run
   *     by the thread that sends, and must not wait for it
   */
  public CompletableFuture<String> submit(Operation operation)
      throws ClosedException, InterruptedException {
    CompletableFuture<String> stored = new CompletableFuture<>();
    lock.lockInterruptibly();
    try {
      while (outbox.isFull() && !isClosed) {
        requireOtherThread();
        changed.await();
      }
      if (isClosed) {
        throw new ClosedException("the publisher");
      }
      outbox.add(new Line(bytes(operation), stored));
      start();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    return stored;
  }

  private byte[] bytes(Operation operation) {
    lines.clear();
    lines.addOperation(operation);
    return Arrays.copyOf(lines.bytes(), lines.length());
  }

  private void start() {
    if (thread.getState() == Thread.State.NEW) {
      thread.start();
    }
  }

  private void requireOtherThread() {
    if (Thread.currentThread().equals(thread)) {
      throw new IllegalStateException("what follows an operation's end must not wait for others");
    }
  }

  /**
   * Waits until all that was submitted before has ended, well or not, which its own future tells
   * alone. Each batch has the patience of the policy.
   */
  public void flush() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long all = outbox.added();
      while (outbox.settled() < all) {
        requireOtherThread();
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes no more, and waits for the end of what was submitted, which its own future tells alone;
   * once a batch is given up the rest fails with it. A thread that is interrupted meanwhile does
   * not wait: then all the rest fails.
   */
  @Override
  public void close() {
    lock.lock();
    try {
      isClosed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      flush();
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      for (List<Line> batch = awaitBatch(); !batch.isEmpty(); batch = awaitBatch()) {
        sendAll(batch);
      }
    } catch (InterruptedException e) {
      failWaiting(new ClosedException("the publisher")); // nobody but close() interrupts it
    } catch (Throwable e) {
      failWaiting(new IllegalStateException("the publisher failed: " + e, e));
      throw e;
    }
  }

  private boolean isClosed() {
    lock.lock();
    try {
      return isClosed;
    } finally {
      lock.unlock();
    }
  }

  /** Empty when there is no more to come. */
  private List<Line> awaitBatch() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      List<Line> batch = outbox.takeBatch();
      while (batch.isEmpty() && !isClosed) {
        changed.await();
        batch = outbox.takeBatch();
      }
      changed.signalAll();
      return batch;
    } finally {
      lock.unlock();
    }
  }

  private void sendAll(List<Line> batch) throws InterruptedException {
    try {
      send(batch);
    } catch (InterruptedException e) {
      fail(batch, new ClosedException("the publisher"));
      throw e;
    } catch (Throwable e) {
      fail(batch, new IllegalStateException("the publisher failed: " + e, e));
      throw e;
    } finally {
      settle(batch.size());
    }
  }

  private void settle(int count) {
    lock.lock();
    try {
      outbox.settle(count);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Sends lines until all have ended. Who closes it waits for one batch that is given up. */
  private void send(List<Line> lines) throws InterruptedException {
    UnavailableException before = gaveUp;
    if (before != null && isClosed()) {
      fail(lines, before);
      return;
    }
    List<Line> left = new ArrayList<>(lines);
    while (!left.isEmpty()) {
      try {
        String id = stored(ingest.publish(Line.join(left), Optional.empty()));
        gaveUp = null;
        left.forEach(line -> line.stored().complete(id));
        return;
      } catch (RefusedException e) {
        gaveUp = null;
        left = withoutRefused(left, e);
      } catch (UnavailableException e) {
        gaveUp = e;
        fail(left, e);
        return;
      } catch (IOException | RuntimeException e) {
        fail(left, e);
        return;
      }
    }
  }

  private static String stored(IngestClient.Receipt receipt) {
    return receipt instanceof Stored stored ? stored.lastEventId().orElse("") : "";
  }

  private static void fail(List<Line> lines, Exception cause) {
    lines.forEach(line -> line.stored().completeExceptionally(cause));
  }

  /** What is to be sent again: the line that is to blame fails alone. */
  private List<Line> withoutRefused(List<Line> lines, RefusedException refusal)
      throws InterruptedException {
    int number = (int) refusal.line().orElse(0);
    if (refusal.reason() == Reason.TOO_LARGE && lines.size() > 1) {
      sendHalves(lines);
      return List.of();
    }
    if (refusal.reason() == Reason.INVALID && number >= 1 && number <= lines.size()) {
      List<Line> others = new ArrayList<>(lines);
      others.remove(number - 1).stored().completeExceptionally(refusal);
      return others;
    }
    fail(lines, refusal);
    return List.of();
  }

  private void sendHalves(List<Line> lines) throws InterruptedException {
    tooLarge(lines.stream().mapToInt(line -> line.bytes().length).sum());
    send(lines.subList(0, lines.size() / 2));
    send(lines.subList(lines.size() / 2, lines.size()));
  }

  private void tooLarge(int bytes) {
    lock.lock();
    try {
      outbox.tooLarge(bytes);
    } finally {
      lock.unlock();
    }
  }

  private void failWaiting(Exception cause) {
    lock.lock();
    try {
      isClosed = true;
    } finally {
      lock.unlock();
    }
    for (List<Line> batch = takeBatch(); !batch.isEmpty(); batch = takeBatch()) {
      fail(batch, cause);
      settle(batch.size());
    }
  }

  private List<Line> takeBatch() {
    lock.lock();
    try {
      return outbox.takeBatch();
    } finally {
      lock.unlock();
    }
  }
}
