package io.oplog.server.http;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what became of submissions from the writer's thread to an event loop: a stack that any
 * thread pushes on, and one task for all that came since the loop last looked. So a group commit
 * wakes each loop once, and each connection is flushed once.
 *
 * <p>Based on Treiber's stack (IBM RJ 5118, 1986), emptied as a whole, so it knows no ABA problem.
 */
final class Completions implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Completions.class);

  private final Executor loop;
  private final AtomicReference<@Nullable Answer> top = new AtomicReference<>();

  Completions(Executor loop) {
    this.loop = loop;
  }

  /** Hands over an answer that is complete. Any thread. */
  void push(Answer answer) {
    Answer before;
    do {
      before = top.get();
      answer.completedBefore = before;
    } while (!top.compareAndSet(before, answer));
    if (before == null) {
      wake();
    }
  }

  private void wake() {
    try {
      loop.execute(this);
    } catch (RejectedExecutionException e) {
      LOG.debug("The event loop has ended; its connections are closed", e);
    }
  }

  /** Marks all that were handed over, then lets each connection send what it can. */
  @Override
  public void run() {
    Answer newest = top.getAndSet(null);
    for (Answer answer = newest; answer != null; answer = answer.completedBefore) {
      answer.done = true;
    }
    Answer answer = newest;
    while (answer != null) {
      Answer next = answer.completedBefore;
      answer.completedBefore = null;
      answer.connection().answersCompleted();
      answer = next;
    }
  }
}
