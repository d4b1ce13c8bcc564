package io.oplog.server.command;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Writers, each on a thread of its own, that do as much as they are told to: the pace is the
 * test's, and so is what has been written at its end.
 */
final class DocumentWriters implements AutoCloseable {
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Semaphore allowed = new Semaphore(0);
  private final AtomicInteger done = new AtomicInteger();
  private final List<DocumentWriter> writers;
  private final List<Future<Boolean>> running = new ArrayList<>();
  private volatile boolean stopped;
  private int told;

  DocumentWriters(List<DocumentWriter> writers) {
    this.writers = List.copyOf(writers);
    for (DocumentWriter writer : this.writers) {
      running.add(threads.submit(() -> run(writer)));
    }
  }

  private boolean run(DocumentWriter writer) throws InterruptedException {
    allowed.acquire();
    while (!stopped) {
      writer.write();
      done.incrementAndGet();
      allowed.acquire();
    }
    return true;
  }

  /** Lets them do so much more, and does not wait. */
  void begin(int count) {
    told += count;
    allowed.release(count);
  }

  /** Waits until they have done what they were told to. */
  void await() {
    OplogProcess.await(() -> done.get() == told || running.stream().anyMatch(Future::isDone));
    if (done.get() != told) {
      stop();
    }
  }

  /** Ends them. What they have written, each document's changes in their order. */
  List<WrittenChange> stop() {
    stopped = true;
    allowed.release(writers.size());
    try {
      for (Future<Boolean> one : running) {
        boolean _ = one.get();
      }
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
    return writers.stream().flatMap(writer -> writer.written().stream()).toList();
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
