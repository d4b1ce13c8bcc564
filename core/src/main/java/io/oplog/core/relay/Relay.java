package io.oplog.core.relay;

import io.oplog.core.relay.Sink.Elsewhere;
import io.oplog.core.relay.Sink.Refusal;
import io.oplog.core.relay.Sink.Stored;
import io.oplog.core.relay.Sink.TooLong;
import io.oplog.core.store.Trouble;
import java.io.IOException;
import java.time.Duration;
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
 */
public final class Relay implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Relay.class);
  private static final Duration WAIT = Duration.ofSeconds(1);
  private static final int MOST_BYTES = 1 << 20;
  private static final int LEAST_BYTES = 1;

  /** A slow connection carries so much within a sink's patience. */
  private static final int FEW_BYTES = 16 << 10;

  private static final long FIRST_PAUSE_MILLIS = 250;
  private static final long LONGEST_PAUSE_MILLIS = 15_000;
  private static final long STOP_MILLIS = 5000;
  private static final long MOST_TOLD = 100;

  private final Source source;
  private final Sink sink;
  private final String to;
  private final Trouble trouble;
  private final Thread thread = new Thread(this::run, "oplog-relay");
  private volatile boolean stopped;
  private final LongAdder sent = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private int ceiling = MOST_BYTES;
  private int mostBytes = MOST_BYTES;
  private long pauseMillis = FIRST_PAUSE_MILLIS;

  /**
   * Does nothing yet. Source and sink are closed with the relay.
   *
   * @param to the sink, in words
   */
  public Relay(Source source, Sink sink, String to) {
    this.source = source;
    this.sink = sink;
    this.to = to;
    this.trouble =
        new Trouble(LOG, "Nothing gets through to " + to, "Operations get through to " + to);
    thread.setDaemon(true);
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
    try {
      long least = pauseMillis / 2;
      TimeUnit.MILLISECONDS.sleep(least + ThreadLocalRandom.current().nextLong(least + 1));
      pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Passes on until something fails, or the source stands elsewhere than was thought.
   *
   * @return whether to go on at once, with smaller batches
   */
  private boolean passOn() throws IOException, InterruptedException {
    String name = source.name();
    Optional<String> position = sink.position(name);
    if (!source.seek(position)) {
      return false;
    }
    if (source.backlog().operations() == 0) {
      well();
    }
    while (!stopped) {
      Optional<Batch> batch = source.next(mostBytes, WAIT);
      if (batch.isPresent()) {
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
        position = Optional.of(batch.get().to());
      }
    }
    return true;
  }

  private void stored(Stored stored, Batch batch) throws IOException {
    count(stored, batch);
    source.acknowledged(batch.to());
    well();
    mostBytes = Math.min(ceiling, 2 * mostBytes);
  }

  private void takesAtMost(int bytes) {
    ceiling = Math.max(LEAST_BYTES, bytes);
    mostBytes = ceiling;
  }

  private void count(Stored stored, Batch batch) {
    sent.add(batch.operations().size() - stored.refused().size());
    for (Refusal refusal : stored.refused()) {
      refused.increment();
      if (refused.sum() <= MOST_TOLD) {
        LOG.warn(
            "{} refuses {}/{}, which is left out: {}",
            to,
            refusal.operation().type(),
            refusal.operation().id(),
            plain(refusal.reason()));
      }
    }
  }

  private void well() {
    trouble.over();
    pauseMillis = FIRST_PAUSE_MILLIS;
  }

  /** How it gets on. May block on the source. */
  public RelayStats stats() {
    return new RelayStats(
        to, sent.sum(), refused.sum(), backlog(), Optional.ofNullable(trouble.reason()));
  }

  private Backlog backlog() {
    try {
      return source.backlog();
    } catch (IOException e) {
      LOG.debug("The backlog cannot be told", e);
      return new Backlog(-1, -1);
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
