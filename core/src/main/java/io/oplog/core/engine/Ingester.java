package io.oplog.core.engine;

import io.oplog.core.store.Outcome;
import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import io.oplog.core.store.Submission;
import io.oplog.core.store.Trouble;
import io.oplog.protocol.Frames;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bounded queue between those who receive operations and the one thread that writes them.
 *
 * <p>Group commit: the writer takes everything that waits and appends it as one batch. Producers
 * that wait for their answers come back together, so where the last groups held several submissions
 * the writer waits a moment for as many again before it pays for a sync; where they held one it
 * never waits.
 *
 * <p>While the store is unavailable, whoever waits for an answer is told so, and what nobody waits
 * for stays in the queue and is tried again.
 *
 * <p>Any thread may offer. One lock guards queue and counters, so the counters are one snapshot.
 */
public final class Ingester {

  /** What became of an offer. */
  public enum Offer {
    /** Queued; the completion will be called. */
    ACCEPTED,
    /** The queue is full; try again later. */
    FULL,
    /** The server is stopping. */
    STOPPED
  }

  private static final Logger LOG = LoggerFactory.getLogger(Ingester.class);
  private static final int MAX_GROUP_BYTES = 4 << 20;

  /** What a submission takes beside its arrays: itself, and whoever waits for its answer. */
  private static final int SUBMISSION_BYTES = 256;

  private static final long GATHER_NANOS = TimeUnit.MICROSECONDS.toNanos(100);
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private record Pending(Submission submission, IngestCompletion completion) {
    int operations() {
      return submission.frames().count();
    }

    int bytes() {
      return submission.frames().length();
    }

    /** What it holds of the heap. */
    long memory() {
      Frames frames = submission.frames();
      return SUBMISSION_BYTES + frames.bytes().length + (long) Integer.BYTES * frames.count();
    }
  }

  private final Store store;
  private final int maxOperations;
  private final long maxBytes;
  private final Thread writer = new Thread(this::write, "oplog-writer");

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final ArrayDeque<Pending> queue = new ArrayDeque<>();
  private long queuedOperations;
  private long queuedBytes;
  private int wanted;
  private boolean stopped;
  private long ingested;
  private long error;
  private long batches;
  private final Map<DiscardCause, Long> discarded = new EnumMap<>(DiscardCause.class);

  /** Sizes of the last two groups, in submissions; used by the writer alone. */
  private int lastGroup = 1;

  private int groupBeforeLast = 1;

  private final Trouble trouble =
      new Trouble(LOG, "The store cannot take operations", "The store takes operations again");

  Ingester(Store store, EngineOptions options) {
    this.store = store;
    this.maxOperations = options.maxQueuedOperations();
    this.maxBytes = options.maxQueuedBytes();
  }

  void start() {
    writer.start();
  }

  /**
   * Queues a submission and wakes the writer. One that alone exceeds the bounds is taken when the
   * queue is empty.
   *
   * @param completion told what became of it, exactly once if and only if it was accepted
   */
  public Offer offer(Submission submission, IngestCompletion completion) {
    lock.lock();
    try {
      Offer offer = enqueue(new Pending(submission, completion));
      wakeWriter();
      return offer;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Queues a submission without waking the writer, for a caller that has more at hand, so that they
   * share a sync. The caller must {@link #flush} soon.
   */
  public Offer offerWithMore(Submission submission, IngestCompletion completion) {
    lock.lock();
    try {
      return enqueue(new Pending(submission, completion));
    } finally {
      lock.unlock();
    }
  }

  /** Wakes the writer for what was offered before. */
  public void flush() {
    lock.lock();
    try {
      wakeWriter();
    } finally {
      lock.unlock();
    }
  }

  private boolean isFullFor(Pending pending) {
    return queuedOperations > 0
        && (queuedOperations + pending.operations() > maxOperations
            || queuedBytes + pending.memory() > maxBytes);
  }

  private Offer enqueue(Pending pending) {
    if (stopped) {
      return Offer.STOPPED;
    }
    if (isFullFor(pending)) {
      return Offer.FULL;
    }
    queue.add(pending);
    queuedOperations += pending.operations();
    queuedBytes += pending.memory();
    return Offer.ACCEPTED;
  }

  private void wakeWriter() {
    if (wanted > 0 && queue.size() >= wanted) {
      wanted = 0;
      arrived.signal();
    }
  }

  /** Counts what could not be understood: one for a datagram or line, all of a rejected body. */
  public void countErrors(long operations) {
    lock.lock();
    try {
      error += operations;
    } finally {
      lock.unlock();
    }
  }

  /** Counts what was dropped because its producer could not be told to wait. */
  public void countDiscarded(DiscardCause cause, long operations) {
    lock.lock();
    try {
      discarded.merge(cause, operations, Long::sum);
    } finally {
      lock.unlock();
    }
  }

  /** All counters at one moment. */
  public IngestCounts counts() {
    lock.lock();
    try {
      return new IngestCounts(
          ingested,
          error,
          discarded.getOrDefault(DiscardCause.QUEUE_FULL, 0L),
          discarded.getOrDefault(DiscardCause.STORE_DOWN, 0L),
          discarded.getOrDefault(DiscardCause.STOPPING, 0L),
          queuedOperations,
          batches);
    } finally {
      lock.unlock();
    }
  }

  /** Refuses offers from now on, and lets the writer finish what is queued. */
  void stop() {
    lock.lock();
    try {
      stopped = true;
      arrived.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Whether the writer has finished within the limit. */
  boolean awaitStopped(Duration limit) throws InterruptedException {
    return writer.join(limit);
  }

  private void write() {
    List<Pending> group = new ArrayList<>();
    while (take(group)) {
      append(group);
      group.clear();
    }
  }

  /** Fills the group; false when stopped and nothing is left. */
  private boolean take(List<Pending> group) {
    lock.lock();
    try {
      awaitSubmissions(1);
      if (queue.isEmpty()) {
        return false;
      }
      gather();
      drain(group);
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void awaitSubmissions(int count) {
    while (queue.size() < count && !stopped) {
      wanted = count;
      arrived.awaitUninterruptibly();
    }
  }

  private void gather() {
    int expected = Math.max(lastGroup, groupBeforeLast);
    try {
      long left = GATHER_NANOS;
      while (queue.size() < expected && left > 0 && !stopped) {
        wanted = expected;
        left = arrived.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      LOG.debug("Nobody interrupts the writer; stop() is how it ends", e);
    }
    wanted = 0;
  }

  private void drain(List<Pending> group) {
    int bytes = 0;
    for (Pending next = queue.peek();
        next != null && fits(group, bytes, next);
        next = queue.peek()) {
      group.add(queue.remove());
      bytes += next.bytes();
    }
    groupBeforeLast = lastGroup;
    lastGroup = group.size();
  }

  private static boolean fits(List<Pending> group, int bytes, Pending next) {
    return group.isEmpty() || bytes + next.bytes() <= MAX_GROUP_BYTES;
  }

  private void append(List<Pending> group) {
    List<Outcome> outcomes;
    try {
      outcomes = store.append(group.stream().map(Pending::submission).toList());
    } catch (StoreException e) {
      failed(group, e);
      return;
    } catch (RuntimeException e) {
      failed(group, new StoreException.Unavailable("the store failed: " + e, e));
      return;
    }
    trouble.over();
    count(group, outcomes);
    for (int i = 0; i < group.size(); i++) {
      group.get(i).completion().completed(outcomes.get(i));
    }
  }

  private void count(List<Pending> group, List<Outcome> outcomes) {
    long stored = 0;
    long refused = 0;
    for (int i = 0; i < group.size(); i++) {
      if (outcomes.get(i) instanceof Outcome.Stored) {
        stored += group.get(i).operations();
      } else {
        refused += group.get(i).operations();
      }
    }
    lock.lock();
    try {
      ingested += stored;
      error += refused;
      release(group, stored + refused);
      batches++;
    } finally {
      lock.unlock();
    }
  }

  /** What is being written counts as queued until here: it holds as much memory. */
  private void release(List<Pending> group, long operations) {
    queuedOperations -= operations;
    queuedBytes -= group.stream().mapToLong(Pending::memory).sum();
  }

  private void failed(List<Pending> group, StoreException cause) {
    trouble.met(cause.getMessage());
    boolean unavailable = cause instanceof StoreException.Unavailable;
    for (Pending pending : refuse(group, unavailable)) {
      pending.completion().failed(cause);
    }
    if (unavailable) {
      rest();
    }
  }

  /**
   * Takes out what is told of the failure. While the store is unavailable that is all that somebody
   * waits for, since each try may take long; the rest is tried again after a moment.
   */
  private List<Pending> refuse(List<Pending> group, boolean unavailable) {
    lock.lock();
    try {
      List<Pending> refused = new ArrayList<>(group);
      if (unavailable) {
        group.reversed().forEach(queue::addFirst);
        refused = takeOut();
      }
      long operations = refused.stream().mapToLong(Pending::operations).sum();
      discarded.merge(DiscardCause.STORE_DOWN, operations, Long::sum);
      release(refused, operations);
      return refused;
    } finally {
      lock.unlock();
    }
  }

  private List<Pending> takeOut() {
    List<Pending> taken = new ArrayList<>();
    for (Iterator<Pending> all = queue.iterator(); all.hasNext(); ) {
      Pending pending = all.next();
      if (stopped || pending.completion().isAwaited()) {
        taken.add(pending);
        all.remove();
      }
    }
    return taken;
  }

  /** Waits a moment before the next try, unless there is nothing that was tried before. */
  private void rest() {
    lock.lock();
    try {
      long left = queue.isEmpty() ? 0 : RETRY_NANOS;
      while (left > 0 && !stopped) {
        left = arrived.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      LOG.debug("Nobody interrupts the writer; stop() is how it ends", e);
    } finally {
      lock.unlock();
    }
  }
}
