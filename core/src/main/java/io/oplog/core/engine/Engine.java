package io.oplog.core.engine;

import io.oplog.core.store.Bounds;
import io.oplog.core.store.LogBatch;
import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import io.oplog.core.store.StoreListener;
import io.oplog.core.store.Trouble;
import io.oplog.protocol.RefTemplate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From a producer's operations to every consumer's connection, over one store. Owns the writer, the
 * readers and the retention thread; the store is the caller's, and outlives the engine.
 */
public final class Engine implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Engine.class);
  private static final long COMPLAIN_EVERY = TimeUnit.SECONDS.toNanos(10);

  /** Some are answered from memory though the store cannot be read. */
  private static final Duration UNREADABLE_FOR = Duration.ofSeconds(10);

  private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Store store;
  private final EngineOptions options;
  private final Tail tail;
  private final Ingester ingester;
  private final CatchUpReader reader;
  private final ExecutorService readers;
  private final ScheduledExecutorService retention;
  private final AtomicLong complained = new AtomicLong(System.nanoTime() - COMPLAIN_EVERY);
  private final Trouble reading =
      new Trouble(
          LOG,
          "Consumers' pages cannot be read yet",
          "Consumers' pages are read again",
          UNREADABLE_FOR);
  private final Trouble dropping =
      new Trouble(
          LOG,
          "Retention cannot be enforced, so nothing old is dropped yet",
          "Retention is enforced again");
  private final LongAdder failedReads = new LongAdder();
  private final List<SubscriptionGroup> groups = new CopyOnWriteArrayList<>();
  private final List<Runnable> commitListeners = new CopyOnWriteArrayList<>();

  private Engine(Store store, EngineOptions options) {
    this.store = store;
    this.options = options;
    Bounds bounds = store.bounds();
    this.tail = new Tail(options.tailBytes(), bounds.head(), bounds.headMillis());
    this.ingester = new Ingester(store, options);
    this.reader = new CatchUpReader(store, options.objectUrl());
    this.readers =
        Executors.newFixedThreadPool(
            options.readers(), Thread.ofPlatform().name("oplog-reader-", 0).daemon().factory());
    this.retention =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("oplog-retention").daemon().factory());
  }

  /** Starts on an open store that no other engine uses. */
  public static Engine start(Store store, EngineOptions options) {
    Engine engine = new Engine(store, options);
    store.listen(engine.new Listener());
    engine.ingester.start();
    engine.scheduleRetention();
    return engine;
  }

  private void scheduleRetention() {
    long nanos = options.retentionInterval().toNanos();
    ScheduledFuture<?> _ =
        retention.scheduleWithFixedDelay(
            this::enforceRetention, nanos, nanos, TimeUnit.NANOSECONDS);
  }

  private void enforceRetention() {
    try {
      store.enforceRetention();
      dropping.over();
      reading.over(); // though nobody reads any more
    } catch (StoreException.Unavailable e) {
      dropping.met(e.getMessage());
    } catch (StoreException | RuntimeException e) {
      LOG.warn("Retention could not be enforced, and is tried again: {}", e.getMessage(), e);
    }
  }

  /** Hears of commits on the writer's thread and of folds on the store's. */
  private final class Listener implements StoreListener {
    @Override
    public void committed(LogBatch batch) {
      tail.publish(withRefs(batch));
      for (SubscriptionGroup group : groups) {
        group.wake();
      }
      commitListeners.forEach(Runnable::run);
    }

    @Override
    public void folded(long sequence) {
      for (SubscriptionGroup group : groups) {
        group.foldMoved();
      }
    }
  }

  private LogBatch withRefs(LogBatch batch) {
    RefTemplate template = options.objectUrl();
    return template == null
        ? batch
        : new LogBatch(batch.first(), batch.commitMillis(), template.splice(batch.frames()));
  }

  public Ingester ingester() {
    return ingester;
  }

  /** Has something run after each commit, on the thread that committed: it must not wait. */
  public void onCommit(Runnable listener) {
    commitListeners.add(listener);
  }

  /** Makes the group of one event loop, whose threads call it from then on. */
  public SubscriptionGroup newGroup(ScheduledExecutorService loop) {
    SubscriptionGroup group = new SubscriptionGroup(this, loop);
    groups.add(group);
    return group;
  }

  /** What consumers got so far. */
  public EngineStats stats() {
    return new EngineStats(
        (int) sum(SubscriptionGroup::size),
        sum(SubscriptionGroup::sent),
        sum(SubscriptionGroup::fallenBehind),
        sum(SubscriptionGroup::closedAsSlow),
        failedReads.sum(),
        reader.resets());
  }

  private long sum(ToLongFunction<SubscriptionGroup> counter) {
    return groups.stream().mapToLong(counter).sum();
  }

  /**
   * Refuses new operations and waits until those that were accepted are durable and answered.
   *
   * @return whether that happened within the limit
   */
  public boolean drain(Duration limit) throws InterruptedException {
    ingester.stop();
    return ingester.awaitStopped(limit);
  }

  /**
   * Stops the threads, within five seconds if they can be. Operations that are still queued are not
   * lost silently: drain first.
   */
  @Override
  public void close() {
    ingester.stop();
    retention.shutdown();
    readers.shutdown();
    awaitReaders();
  }

  private void awaitReaders() {
    try {
      long end = System.nanoTime() + CLOSE_NANOS;
      boolean ended = ingester.awaitStopped(Duration.ofNanos(CLOSE_NANOS));
      ended &= readers.awaitTermination(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      ended &= retention.awaitTermination(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (!ended) {
        LOG.warn("The engine's threads did not end in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- for the groups ----

  /**
   * Counts a read that failed, and says so; not for each of thousands of consumers that come back.
   */
  void unreadable(Exception cause) {
    failedReads.increment();
    long now = System.nanoTime();
    long said = complained.get();
    if (now - said > COMPLAIN_EVERY && complained.compareAndSet(said, now)) {
      LOG.error("Consumers' pages cannot be read: {}", cause.getMessage(), cause);
    } else {
      LOG.debug("A consumer's page could not be read", cause);
    }
  }

  /** Counts a read that failed and is tried again. */
  void unavailable(StoreException cause) {
    failedReads.increment();
    reading.met(cause.getMessage());
  }

  void readable() {
    reading.over();
  }

  EngineOptions options() {
    return options;
  }

  /** What the followers of one group may hold of pages. */
  long pageBytes() {
    return options.pageBytes() / Math.max(1, groups.size());
  }

  Tail tail() {
    return tail;
  }

  CatchUpReader reader() {
    return reader;
  }

  ExecutorService readers() {
    return readers;
  }

  int incarnation() {
    return store.incarnation();
  }

  /** How far the states are; after a failure of theirs they may have been thrown back. */
  long folded() {
    return store.bounds().folded();
  }
}
