package io.oplog.connector.oplog;

import io.oplog.client.ReconnectingStream;
import io.oplog.client.RefusedException;
import io.oplog.client.RetryPolicy;
import io.oplog.client.StreamClient;
import io.oplog.core.relay.Backlog;
import io.oplog.core.relay.Batch;
import io.oplog.core.relay.PositionLostException;
import io.oplog.core.relay.Source;
import io.oplog.core.relay.SourceName;
import io.oplog.core.relay.Start;
import io.oplog.core.relay.UnusableException;
import io.oplog.protocol.EventId;
import io.oplog.protocol.Filter;
import io.oplog.protocol.Operation;
import io.oplog.protocol.StreamEvent;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The stream of another oplog. Positions are its event ids. Where it answers with a {@code reset},
 * what followed the position is lost, and its replication is the scan.
 */
public final class OplogSource implements Source<Operation> {
  /** What JSON adds to the texts of an operation. */
  private static final int PUNCTUATION = 100;

  private static final Duration SCAN_PATIENCE = Duration.ofSeconds(20);

  private final StreamClient streams;
  private final Filter filter;
  private final String name;
  private @Nullable ReconnectingStream stream;

  /** A position that the server has answered with a reset. */
  private @Nullable Lost lost;

  private volatile Standing standing = new Standing("", "", false);

  private record Lost(String position, String reason) {}

  /**
   * How far it is.
   *
   * @param handed the position after the last operations that were given out
   * @param acknowledged the last one that the sink has
   * @param isLive whether the stream had nothing else to tell
   */
  private record Standing(String handed, String acknowledged, boolean isLive) {

    boolean isUpToDate() {
      return isLive && EventId.parse(handed).sequence() <= EventId.parse(acknowledged).sequence();
    }
  }

  /**
   * Connects at the first {@link #seek}.
   *
   * @param streams those of the server; give up after some seconds: the relay tries again, and
   *     tells why
   * @param filter what is followed
   * @param identity what tells this server and this filter from others
   */
  public OplogSource(StreamClient streams, Filter filter, String identity) {
    this.streams = streams;
    this.filter = filter;
    this.name = SourceName.of("oplog", identity);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Start<Operation> seek(Optional<String> position) {
    disconnect();
    if (position.isEmpty()) {
      return lost("there is no position to go on from");
    }
    String from = position.get();
    if (!isEventId(from)) {
      return lost("the position " + from + " is not an event id");
    }
    if (lost != null && lost.position().equals(from)) {
      return lost(lost.reason());
    }
    lost = null;
    stream = streams.reconnecting(filter, from);
    standing = new Standing(from, from, false);
    return new Start.Resumed<>();
  }

  private static boolean isEventId(String text) {
    try {
      EventId.parse(text);
      return true;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  private Start<Operation> lost(String reason) {
    return new Start.Lost<>(reason, scan());
  }

  private OplogScan scan() {
    return new OplogScan(streams.withRetry(RetryPolicy.BRIEF.givingUpAfter(SCAN_PATIENCE)), filter);
  }

  @Override
  public Optional<Batch<Operation>> next(int maxBytes, Duration wait)
      throws IOException, InterruptedException {
    ReconnectingStream open = connected();
    Reading reading = new Reading(open.lastEventId());
    long end = System.nanoTime() + wait.toNanos();
    Optional<StreamEvent> event = open.poll(wait);
    while (event.isEmpty() && !open.isConnected()) { // that is no answer; the policy ends it
      event = open.poll(wait);
    }
    while (event.isPresent() && !reading.isReset()) {
      reading.take(event.get());
      event = following(open, reading, maxBytes, end);
    }
    return batch(reading);
  }

  /** What is there already; waits only while there is nothing to give out. */
  private static Optional<StreamEvent> following(
      ReconnectingStream open, Reading reading, int maxBytes, long endNanos)
      throws IOException, InterruptedException {
    if (reading.isReset() || reading.bytes >= maxBytes) {
      return Optional.empty();
    }
    boolean isNothing = reading.position.equals(reading.begin);
    long left = isNothing ? Math.max(0, endNanos - System.nanoTime()) : 0;
    return open.hasNextNow() || isNothing ? open.poll(Duration.ofNanos(left)) : Optional.empty();
  }

  private ReconnectingStream connected() throws IOException {
    ReconnectingStream open = stream;
    if (open == null && lost != null) {
      throw new PositionLostException(lost.reason());
    }
    if (open == null) {
      throw new IOException("nothing is read before it is known where to begin");
    }
    return open;
  }

  /** What was read before a reset is given out first. */
  private Optional<Batch<Operation>> batch(Reading reading) throws PositionLostException {
    if (reading.reset != null) {
      lost = new Lost(reading.position, "the source says reset: " + reading.reset);
      disconnect();
    }
    String handed = reading.operations.isEmpty() ? standing.handed() : reading.position;
    standing = new Standing(handed, standing.acknowledged(), standing.isLive() || reading.isLive);
    if (!reading.position.equals(reading.begin)) {
      return Optional.of(new Batch<>(reading.operations, reading.position));
    }
    if (lost != null) {
      throw new PositionLostException(lost.reason());
    }
    return Optional.empty();
  }

  /** What comes with one batch. */
  private static final class Reading {
    private final List<Operation> operations = new ArrayList<>();
    private int bytes;
    private boolean isLive;
    private @Nullable String reset;

    private final String begin;

    /** After the last event but a reset. */
    private String position;

    Reading(String begin) {
      this.begin = begin;
      this.position = begin;
    }

    boolean isReset() {
      return reset != null;
    }

    void take(StreamEvent event) {
      switch (event) {
        case StreamEvent.Change change -> {
          operations.add(change.operation());
          bytes += size(change.operation());
          position = change.id().toString();
        }
        case StreamEvent.Reset told -> reset = told.reason();
        case StreamEvent.Live live -> {
          isLive = true;
          position = live.id().toString();
        }
        case StreamEvent.Progress progress -> position = progress.id().toString();
        case StreamEvent.Unknown _ -> {}
      }
    }

    private static int size(Operation operation) {
      int parents = operation.parents().stream().mapToInt(String::length).sum();
      return PUNCTUATION + operation.type().length() + operation.id().length() + parents;
    }
  }

  @Override
  public void acknowledged(String position) {
    standing = new Standing(standing.handed(), position, standing.isLive());
  }

  /** The server does not tell how much is left, but when nothing is. */
  @Override
  public Backlog backlog() {
    Standing now = standing;
    if (now.isUpToDate()) {
      return Backlog.NONE;
    }
    return new Backlog(Backlog.UNKNOWN, age(now.acknowledged()));
  }

  private static long age(String position) {
    if (position.isEmpty()) {
      return Backlog.UNKNOWN;
    }
    return Math.max(0, Instant.now().getEpochSecond() - EventId.parse(position).seconds());
  }

  /** Asks for the position of now. */
  @Override
  public void check() throws IOException, InterruptedException {
    try {
      String _ = new OplogScan(streams, filter).skip();
    } catch (RefusedException e) {
      throw new UnusableException(String.valueOf(e.getMessage()), e);
    }
  }

  private void disconnect() {
    ReconnectingStream open = stream;
    stream = null;
    if (open != null) {
      open.close();
    }
  }

  @Override
  public void close() {
    disconnect();
  }
}
