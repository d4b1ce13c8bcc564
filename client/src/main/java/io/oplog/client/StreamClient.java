package io.oplog.client;

import io.oplog.protocol.Cursor;
import io.oplog.protocol.Filter;
import io.oplog.protocol.StreamEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Flow;

/**
 * Opens streams of one server. Immutable; safe for use by several threads.
 *
 * <p>A position to start from is {@code now}, {@code 0} for everything, the last id that was
 * handled, or milliseconds since the epoch.
 */
public final class StreamClient {
  /** More than twice the silence after which a server sends a heartbeat by default. */
  public static final Duration DEFAULT_SILENCE = Duration.ofSeconds(60);

  private static final String BEGINNING = "0";

  /** No header at all. */
  private static final String NOW = "";

  private final Endpoint endpoint;
  private final RetryPolicy retry;
  private final Duration silence;
  private final ConnectionListener listener;

  public StreamClient(Endpoint endpoint) {
    this(endpoint, RetryPolicy.FOREVER, DEFAULT_SILENCE, ConnectionListener.SILENT);
  }

  /**
   * A client with policies of its own.
   *
   * @param silence how long a connection may be without a single byte until it counts as broken; at
   *     least twice the server's heartbeat
   */
  public StreamClient(
      Endpoint endpoint, RetryPolicy retry, Duration silence, ConnectionListener listener) {
    if (silence.isNegative() || silence.isZero()) {
      throw new IllegalArgumentException("must be > 0: silence=" + silence);
    }
    this.endpoint = endpoint;
    this.retry = retry;
    this.silence = silence;
    this.listener = listener;
  }

  /** The same with other patience. */
  public StreamClient withRetry(RetryPolicy other) {
    return new StreamClient(endpoint, other, silence, listener);
  }

  /** The same, with somebody who hears how connections fare. */
  public StreamClient withListener(ConnectionListener other) {
    return new StreamClient(endpoint, retry, silence, other);
  }

  /**
   * Follows the stream from a position; the connection is made by the first {@link
   * EventStream#next}.
   *
   * @throws IllegalArgumentException when {@code from} is not a position
   */
  public EventStream follow(Filter filter, String from) {
    return new EventStream(reconnecting(filter, from));
  }

  /**
   * Follows the stream from where a consumer has come, and keeps where it comes.
   *
   * @param from where to start when the store has nothing
   * @param saveEvery how often the checkpoint is saved at most; zero for each time
   * @throws IllegalArgumentException when {@code from}, or what the store has, is not a position
   * @throws IOException when the store cannot be read
   */
  public AcknowledgedStream follow(
      Filter filter, String from, CheckpointStore store, Duration saveEvery) throws IOException {
    ReconnectingStream stream = reconnecting(filter, store.load().orElse(from));
    return new AcknowledgedStream(stream, store, saveEvery);
  }

  /**
   * The stream from a position, for reactive streams: each subscriber has a connection of its own,
   * and is told operations, resets and lives as fast as it asks for them. It ends with an error
   * alone, those of {@link EventStream#next}.
   *
   * @throws IllegalArgumentException when {@code from} is not a position
   */
  public Flow.Publisher<StreamEvent> flow(Filter filter, String from) {
    lastEventId(from);
    return new EventFlow(() -> follow(filter, from));
  }

  /**
   * The layer below {@link #follow(Filter, String)}: all that the server tells, positions too.
   *
   * @throws IllegalArgumentException when {@code from} is not a position
   */
  public ReconnectingStream reconnecting(Filter filter, String from) {
    return stream(new StreamRequest(endpoint, filter, false, silence), lastEventId(from));
  }

  private static String lastEventId(String from) {
    String id = from.equals("now") ? NOW : from;
    Cursor.parse(id);
    return id;
  }

  /**
   * The position of now: a stream that begins here tells it at once.
   *
   * @param patience how long it may tell nothing; zero for ever
   */
  public String positionOfNow(Filter filter, Duration patience)
      throws IOException, InterruptedException {
    try (ReconnectingStream stream = reconnecting(filter, NOW)) {
      while (stream.lastEventId().isEmpty()) {
        stream.next(patience);
      }
      return stream.lastEventId();
    }
  }

  /**
   * Replicates everything from the beginning, and every tombstone that the log keeps, then follows.
   */
  public ReconnectingStream replicateWithTombstones(Filter filter) {
    return stream(new StreamRequest(endpoint, filter, true, silence), BEGINNING);
  }

  private ReconnectingStream stream(StreamRequest request, String lastEventId) {
    return new ReconnectingStream(request, new Backoff(retry, listener), listener, lastEventId);
  }
}
