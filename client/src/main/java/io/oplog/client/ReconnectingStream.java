package io.oplog.client;

import io.oplog.protocol.EventId;
import io.oplog.protocol.SseEvent;
import io.oplog.protocol.SseException;
import io.oplog.protocol.SseListener;
import io.oplog.protocol.SseParser;
import io.oplog.protocol.StreamEvent;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * All that a server tells on a stream, positions too, which mends itself: a connection that breaks,
 * or is silent for too long, is made anew from the last event that was returned. The layer below
 * {@link EventStream} and {@link AcknowledgedStream}.
 *
 * <p>Pulled by one thread; {@link #close} may be called by any. What was not yet asked for waits in
 * the network, so memory is bounded.
 */
public final class ReconnectingStream implements Closeable {
  private static final int MAX_SHOWN = 200;

  private final StreamRequest request;
  private final Backoff backoff;
  private final ConnectionListener listener;
  private final Deque<SseEvent> pending = new ArrayDeque<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile @Nullable StreamAttempt connection;
  private SseParser parser = new SseParser();
  private String lastEventId;

  /** When the connection will have been silent for too long. */
  private Deadline silent = Deadline.NEVER;

  /** When the next attempt may be made. */
  private Deadline attemptFrom = Deadline.after(Duration.ZERO);

  /** Why there is no connection; null while there is one, or none was tried. */
  private @Nullable IOException lastFailure;

  ReconnectingStream(
      StreamRequest request, Backoff backoff, ConnectionListener listener, String lastEventId) {
    this.request = request;
    this.backoff = backoff;
    this.listener = listener;
    this.lastEventId = lastEventId;
  }

  /**
   * Waits for the next event.
   *
   * @throws RefusedException when the server refuses for good
   * @throws MalformedStreamException when what it sends is not a stream of ours; the position stays
   *     before that
   * @throws UnavailableException when the retry policy gives up
   * @throws ClosedException when the stream was closed
   */
  public StreamEvent next() throws IOException, InterruptedException {
    SseEvent event = awaitFirst();
    try {
      StreamEvent decoded = StreamEvent.decode(event);
      pass(event, !(decoded instanceof StreamEvent.Unknown));
      return decoded;
    } catch (IllegalArgumentException e) {
      throw dropped(event, e);
    }
  }

  /**
   * As {@link #next}, for one who knows that there is more to come: heartbeats alone do not do.
   *
   * @param limit how long to wait for an event; zero for ever
   * @throws UnavailableException also when there was none in that time
   */
  public StreamEvent next(Duration limit) throws IOException, InterruptedException {
    Deadline end = Deadline.after(limit);
    while (!limit.isZero() && pending.isEmpty()) {
      if (!fill(end)) {
        throw silent(limit);
      }
    }
    return next();
  }

  private UnavailableException silent(Duration limit) {
    IOException failure = lastFailure;
    if (failure != null) {
      return new UnavailableException(Backoff.reason(failure), failure);
    }
    String what =
        isConnected()
            ? " is connected and has sent no event for %s: its store may be away, see its /readyz"
            : " has not answered for %s";
    String after = what.formatted(Http.seconds(limit));
    return new UnavailableException(request.endpoint() + after, null);
  }

  /**
   * As {@link #next}, for a moment. The patience of the policy runs on between two of them.
   *
   * @param wait how long to wait for an event; heartbeats are none
   * @return empty when there was none in that time
   */
  public Optional<StreamEvent> poll(Duration wait) throws IOException, InterruptedException {
    Deadline end = Deadline.after(wait);
    requireOpen();
    while (pending.isEmpty()) {
      if (!fill(end)) {
        return Optional.empty();
      }
    }
    return Optional.of(next());
  }

  /** As {@link #next}, with the event as it was sent; only its id was looked at. */
  public SseEvent nextRaw() throws IOException, InterruptedException {
    SseEvent event = awaitFirst();
    pass(event, true);
    return event;
  }

  private SseEvent awaitFirst() throws IOException, InterruptedException {
    requireOpen();
    while (pending.isEmpty()) {
      boolean unused = fill(Deadline.NEVER);
    }
    SseEvent event = pending.element();
    if (!event.lastEventId().isEmpty()) {
      requireId(event);
    }
    return event;
  }

  /** The event is handed out. What this version does not know moves nothing. */
  private void pass(SseEvent event, boolean moves) {
    pending.remove();
    if (moves && !event.lastEventId().isEmpty()) {
      lastEventId = event.lastEventId();
    }
  }

  /** It is sent back, and kept in files. */
  private void requireId(SseEvent event) throws MalformedStreamException {
    try {
      EventId.parse(event.lastEventId());
    } catch (IllegalArgumentException e) {
      throw dropped(event, e);
    }
  }

  /** Nothing after it is handed out either: whoever goes on meets it again. */
  private MalformedStreamException dropped(SseEvent event, IllegalArgumentException reason) {
    disconnect();
    return malformed(event, reason);
  }

  /** What is to be thrown for an event that cannot be used; says who sent what. */
  public MalformedStreamException malformed(SseEvent event, IllegalArgumentException reason) {
    String sent =
        ": id "
            + start(event.lastEventId())
            + ", "
            + start(event.type())
            + ", data "
            + start(event.data());
    return new MalformedStreamException(
        request.endpoint() + " sent what is not an event of ours: " + reason.getMessage() + sent,
        reason);
  }

  private static String start(String text) {
    return text.length() > MAX_SHOWN ? text.substring(0, MAX_SHOWN) + "…" : text;
  }

  /** Whether the server has answered, and the connection is not known to be lost. */
  public boolean isConnected() {
    StreamAttempt current = connection;
    return current != null && current.isStream();
  }

  /** Whether {@link #nextRaw} would answer without waiting. */
  public boolean hasNextNow() {
    return !pending.isEmpty();
  }

  /** The position after the last event that was returned, to follow from later. */
  public String lastEventId() {
    return lastEventId;
  }

  /** Whether {@link #close} was called. */
  public boolean isClosed() {
    return closed.getCount() == 0;
  }

  /** Goes on for a step; false when nothing came until a moment. */
  private boolean fill(Deadline end) throws IOException, InterruptedException {
    try {
      StreamAttempt current = connection;
      if (current == null) {
        begin(end);
      } else if (!current.isStream()) {
        awaitStream(current, end);
      } else {
        read(current, end);
      }
    } catch (RefusedException | MalformedStreamException e) {
      requireOpen(); // or it is what close() has left of the answer
      disconnect();
      throw e;
    } catch (IOException e) {
      disconnect();
      failed(e);
    }
    return !pending.isEmpty() || !end.isOver();
  }

  private void read(StreamAttempt current, Deadline end) throws IOException, InterruptedException {
    List<ByteBuffer> bytes = current.poll(Math.min(silent.left(), end.left()));
    if (bytes == null) {
      throw new IOException("the connection was closed by " + request.endpoint());
    }
    if (!bytes.isEmpty()) {
      silent = Deadline.after(request.silence());
      parse(bytes);
    } else if (silent.isOver()) {
      throw new IOException("nothing was heard for " + Http.seconds(request.silence()));
    }
  }

  /** Waits until there may be another attempt, and begins it, if that is before a moment. */
  private void begin(Deadline end) throws IOException, InterruptedException {
    requireOpen();
    long wait = attemptFrom.left();
    long left = end.left();
    if (wait > 0 && closed.await(Math.min(wait, left), TimeUnit.NANOSECONDS)) {
      requireOpen();
    }
    if (wait <= left) {
      connection = request.start(lastEventId, backoff.attempt(request.silence()));
      requireOpen(); // or close() came before it could see the attempt
    }
  }

  private void awaitStream(StreamAttempt attempt, Deadline end)
      throws IOException, InterruptedException {
    if (attempt.awaitStream(end)) {
      backoff.answered();
      parser = new SseParser();
      silent = Deadline.after(request.silence());
      lastFailure = null;
      listener.connected();
    }
  }

  private void parse(List<ByteBuffer> chunk) throws MalformedStreamException {
    try {
      for (ByteBuffer bytes : chunk) {
        parser.feed(bytes, events);
      }
    } catch (SseException e) {
      throw new MalformedStreamException(request.endpoint() + ": " + e.getMessage(), e);
    }
  }

  private final SseListener events =
      new SseListener() {
        @Override
        public void onEvent(SseEvent event) {
          backoff.succeeded();
          pending.add(event);
        }

        @Override
        public void onRetry(long millis) {
          backoff.startWith(Duration.ofMillis(millis));
        }
      };

  private void failed(IOException cause) throws IOException {
    requireOpen();
    lastFailure = cause;
    Duration wait = backoff.failed(cause, BusyException.retryAfter(cause));
    attemptFrom = Deadline.after(wait);
  }

  private void requireOpen() throws IOException {
    if (isClosed()) {
      disconnect();
      throw new ClosedException("the stream");
    }
  }

  /** What was not handed out comes again. */
  private void disconnect() {
    pending.clear();
    StreamAttempt current = connection;
    connection = null;
    if (current != null) {
      current.cancel();
    }
  }

  /** Ends the stream; a thread that waits in {@link #next} gets a {@link ClosedException}. */
  @Override
  public void close() {
    closed.countDown();
    StreamAttempt current = connection;
    if (current != null) {
      current.cancel();
    }
  }
}
