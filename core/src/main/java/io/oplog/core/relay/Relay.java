package io.oplog.core.relay;

import io.oplog.core.relay.Sink.Elsewhere;
import io.oplog.core.relay.Sink.Receipt;
import io.oplog.core.relay.Sink.Refusal;
import io.oplog.core.relay.Sink.Stored;
import io.oplog.core.relay.Sink.TooLong;
import io.oplog.core.store.Trouble;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes on what a source has, a batch at a time, on a thread of its own. Where the sink cannot be
 * reached, or does not answer, it is asked again where the source stands, for as long as it takes.
 * Thread-safe.
 *
 * @param <C> what a change is
 */
public final class Relay<C> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Relay.class);
  private static final Duration WAIT = Duration.ofSeconds(1);
  private static final int MOST_BYTES = 1 << 20;
  private static final int LEAST_BYTES = 1;

  /** A slow connection carries so much within a sink's patience. */
  private static final int FEW_BYTES = 16 << 10;

  private static final long FIRST_PAUSE_MILLIS = 250;
  private static final long LONGEST_PAUSE_MILLIS = 15_000;
  private static final long SCAN_PAUSE_MILLIS = TimeUnit.MINUTES.toMillis(5);
  private static final long STOP_MILLIS = 5000;
  private static final long MOST_TOLD = 100;

  /** A position that moves without a change is worth a write so often. */
  private static final long MOVE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Source<C> source;
  private final Sink<C> sink;
  private final String to;
  private final Trouble trouble;
  private final Thread thread = new Thread(this::run, "oplog-relay");
  private volatile boolean stopped;

  /** Whether both ends have answered once. */
  private volatile boolean begun;

  private final LongAdder sent = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder reconciled = new LongAdder();
  private volatile Optional<String> position = Optional.empty();
  private int ceiling = MOST_BYTES;
  private int mostBytes = MOST_BYTES;
  private long pauseMillis = FIRST_PAUSE_MILLIS;
  private long putAt = System.nanoTime();

  /**
   * Does nothing yet. Source and sink are closed with the relay.
   *
   * @param to the sink, in words
   */
  public Relay(Source<C> source, Sink<C> sink, String to) {
    this.source = source;
    this.sink = sink;
    this.to = to;
    this.trouble =
        new Trouble(LOG, "Nothing gets through to " + to, "Changes get through to " + to);
    thread.setDaemon(true);
  }

  /**
   * Whether both ends can be used. Before {@link #start}.
   *
   * @throws UnusableException when one cannot, and that does not change by itself
   * @throws IOException when one cannot now
   */
  public void check() throws IOException, InterruptedException {
    Optional<IOException> ofSource = failure(source::check);
    Optional<IOException> ofSink = failure(sink::check);
    // one that is away does not hide that the other cannot be used
    Optional<IOException> graver = ofSink.filter(UnusableException.class::isInstance);
    Optional<IOException> told = graver.or(() -> ofSource).or(() -> ofSink);
    if (told.isPresent()) {
      throw told.get();
    }
  }

  private interface Check {
    void run() throws IOException, InterruptedException;
  }

  private static Optional<IOException> failure(Check check) throws InterruptedException {
    try {
      check.run();
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(e);
    }
  }

  public void start() {
    thread.start();
  }

  private void run() {
    while (!stopped) {
      try {
        if (!passOn()) {
          pause();
        }
      } catch (PositionLostException e) {
        LOG.debug("The source says how to go on", e);
        pause();
      } catch (RefusedScanException e) {
        trouble.met(plain(String.valueOf(e.getMessage())));
        pause(SCAN_PAUSE_MILLIS);
      } catch (IOException e) {
        trouble.met(plain(String.valueOf(e.getMessage())));
        mostBytes = Math.min(ceiling, Math.max(FEW_BYTES, mostBytes / 2)); // it may take too long
        pause();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        return; // nobody but close() interrupts it
      }
    }
  }

  /** It may be what a stranger has answered. */
  private static String plain(String text) {
    return text.replaceAll("\\p{Cntrl}", " ");
  }

  private void pause() {
    long least = pauseMillis / 2;
    pause(least + ThreadLocalRandom.current().nextLong(least + 1));
    pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
  }

  private static void pause(long millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Passes on until something fails, or the source stands elsewhere than was thought.
   *
   * @return whether to go on at once
   */
  private boolean passOn() throws IOException, InterruptedException {
    String name = source.name();
    position = sink.position(name);
    return switch (source.seek(position)) {
      case Start.Renamed<C> _ -> false;
      case Start.Lost<C> lost -> reconcile(name, lost);
      case Start.Resumed<C> _ -> goOn(name);
    };
  }

  private boolean goOn(String name) throws IOException, InterruptedException {
    if (!begun && trouble.reason() == null) { // else it was said at the first attempt
      LOG.info("{} has the changes until {}; going on from there", to, plain(position.orElse("")));
    }
    return passOnBatches(name);
  }

  private boolean reconcile(String name, Start.Lost<C> lost)
      throws IOException, InterruptedException {
    if (trouble.reason() == null) { // else it was said at the first attempt
      sayWhy(lost.reason());
    }
    Receipt receipt = reconciled(name, lost);
    if (!(receipt instanceof Stored stored)) {
      return false;
    }
    count(stored.refused());
    reconciled.increment();
    LOG.info("Changes are passed on to {} from here", to);
    well();
    return true;
  }

  private void sayWhy(String reason) {
    if (position.isEmpty()) {
      LOG.info("Nothing was passed on to {} from there before", to);
    } else {
      LOG.info("Changes alone do not bring {} up to date: {}", to, plain(reason));
    }
  }

  private Receipt reconciled(String name, Start.Lost<C> lost)
      throws IOException, InterruptedException {
    try {
      return sink.reconcile(name, position, lost.scan(), lost.reason());
    } catch (UnusableException e) {
      throw new RefusedScanException(e);
    }
  }

  /** Only an operator can help, and it has cost a scan. */
  private static final class RefusedScanException extends IOException {
    private static final long serialVersionUID = 1;

    RefusedScanException(UnusableException cause) {
      super(cause.getMessage(), cause);
    }
  }

  private boolean passOnBatches(String name) throws IOException, InterruptedException {
    while (!stopped) {
      Optional<Batch<C>> batch = source.next(mostBytes, WAIT);
      if (batch.isEmpty()) {
        well(); // both ends have answered, and there is nothing to pass on
      } else if (isWorthAWrite(batch.get())) {
        switch (sink.put(name, position, batch.get())) {
          case Stored stored -> stored(stored, batch.get());
          case TooLong _ -> {
            takesAtMost(mostBytes / 2);
            return true;
          }
          case Elsewhere _ -> {
            return false;
          }
        }
      }
    }
    return true;
  }

  private boolean isWorthAWrite(Batch<C> batch) {
    return !batch.changes().isEmpty() || System.nanoTime() - putAt > MOVE_NANOS;
  }

  private void stored(Stored stored, Batch<C> batch) throws IOException {
    putAt = System.nanoTime();
    position = Optional.of(batch.to());
    sent.add(batch.changes().size() - stored.refused().size());
    count(stored.refused());
    source.acknowledged(batch.to());
    well();
    mostBytes = Math.min(ceiling, 2 * mostBytes);
  }

  private void takesAtMost(int bytes) {
    ceiling = Math.max(LEAST_BYTES, bytes);
    mostBytes = ceiling;
  }

  private void count(List<Refusal> refusals) {
    for (Refusal refusal : refusals) {
      refused.increment();
      if (refused.sum() <= MOST_TOLD) {
        LOG.warn(
            "{} refuses {}, which is left out: {}",
            to,
            plain(refusal.object()),
            plain(refusal.reason()));
      }
    }
  }

  private void well() {
    begun = true;
    trouble.over();
    pauseMillis = FIRST_PAUSE_MILLIS;
  }

  /** How it gets on. May block on the source. */
  public RelayStats stats() {
    return new RelayStats(
        to,
        sent.sum(),
        refused.sum(),
        sink.discarded(),
        source.conflated(),
        reconciled.sum(),
        sink.skips(),
        position,
        backlog(),
        Optional.ofNullable(trouble.reason())
            .or(() -> begun ? Optional.empty() : Optional.of("it has not begun yet")));
  }

  private Backlog backlog() {
    try {
      return source.backlog();
    } catch (IOException e) {
      LOG.debug("The backlog cannot be told", e);
      return new Backlog(Backlog.UNKNOWN, Backlog.UNKNOWN);
    }
  }

  /** Stops within five seconds. What is on its way may arrive. */
  @Override
  public void close() {
    stopped = true;
    thread.interrupt();
    try {
      if (thread.getState() != Thread.State.NEW && !thread.join(Duration.ofMillis(STOP_MILLIS))) {
        LOG.warn("The relay did not end in time");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    source.close();
    sink.close();
  }
}
