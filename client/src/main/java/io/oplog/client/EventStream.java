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
 * A stream of events that mends itself: a connection that breaks, or is silent for too long, is
 * made anew from the last event that was returned.
 *
 * <p>Pulled by one thread; {@link #close} may be called by any. What was not yet asked for waits in
 * the network, so memory is bounded.
 */
public final class EventStream implements Closeable {
  private static final int MAX_SHOWN = 200;

  private final StreamRequest request;
  private final Backoff backoff;
  private final ConnectionListener listener;
  private final Deque<SseEvent> pending = new ArrayDeque<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile @Nullable StreamAttempt connection;
  private SseParser parser = new SseParser();
  private String lastEventId;
  private long heardNanos = System.nanoTime();

  EventStream(
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
   * @throws MalformedStreamException when what it sends is not a stream of ours
   * @throws UnavailableException when the retry policy gives up
   * @throws ClosedException when the stream was closed
   */
  public StreamEvent next() throws IOException, InterruptedException {
    SseEvent event = nextRaw();
    try {
      return StreamEvent.decode(event);
    } catch (IllegalArgumentException e) {
      throw malformed(event, e);
    }
  }

  /**
   * As {@link #next}, for one who knows that there is more to come: heartbeats alone do not do.
   *
   * @param limit how long to wait for an event; zero for ever
   * @throws UnavailableException also when there was none in that time
   */
  public StreamEvent next(Duration limit) throws IOException, InterruptedException {
    if (!limit.isZero()) {
      awaitEvent(limit);
    }
    return next();
  }

  /**
   * As {@link #next}, for a moment.
   *
   * @param wait how long to wait for an event; heartbeats are none
   * @return empty when there was none in that time
   */
  public Optional<StreamEvent> poll(Duration wait) throws IOException, InterruptedException {
    long end = System.nanoTime() + wait.toNanos();
    while (pending.isEmpty()) {
      if (!fill(shorter(Duration.ofNanos(Math.max(1, end - System.nanoTime()))), end)) {
        requireSound();
        return Optional.empty();
      }
    }
    return Optional.of(next());
  }

  /** Who asks for moments alone would not hear that a connection is silent for too long. */
  private void requireSound() throws IOException, InterruptedException {
    if (System.nanoTime() - heardNanos > request.silence().toNanos()) {
      disconnect();
      pause(new IOException(request.endpoint() + " was silent for too long"));
    }
  }

  private Duration shorter(Duration limit) {
    return limit.compareTo(request.silence()) < 0 ? limit : request.silence();
  }

  private void awaitEvent(Duration limit) throws IOException, InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    while (pending.isEmpty()) {
      Duration left = Duration.ofNanos(Math.max(1, end - System.nanoTime()));
      if (!fill(shorter(left), end)) {
        throw new UnavailableException(
            request.endpoint()
                + " is connected and has sent no event for "
                + limit.toMillis() / 1000.0
                + " s: its store may be away, see its /readyz",
            null);
      }
    }
  }

  /** As {@link #next}, with the event as it was sent; only its id was looked at. */
  public SseEvent nextRaw() throws IOException, InterruptedException {
    while (pending.isEmpty()) {
      fill();
    }
    SseEvent event = pending.remove();
    if (!event.lastEventId().isEmpty()) {
      requireId(event);
      lastEventId = event.lastEventId();
    }
    return event;
  }

  /** It is sent back, and kept in files. */
  private void requireId(SseEvent event) throws MalformedStreamException {
    try {
      EventId.parse(event.lastEventId());
    } catch (IllegalArgumentException e) {
      throw malformed(event, e);
    }
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

  private void fill() throws IOException, InterruptedException {
    fill(request.silence(), Long.MAX_VALUE);
  }

  /** Reads on; false when nothing came, and a moment has passed. */
  private boolean fill(Duration silence, long endNanos) throws IOException, InterruptedException {
    try {
      List<ByteBuffer> bytes = connected().next(silence);
      if (bytes == null) {
        throw new IOException("the connection was closed by " + request.endpoint());
      }
      heardNanos = System.nanoTime();
      parse(bytes);
    } catch (RefusedException | MalformedStreamException e) {
      requireOpen(); // or it is what close() has left of the answer
      disconnect();
      throw e;
    } catch (IOException e) {
      if (isOver(endNanos) && connection != null) {
        return false;
      }
      disconnect();
      pause(e);
    }
    return !pending.isEmpty() || !isOver(endNanos);
  }

  private static boolean isOver(long endNanos) {
    return endNanos != Long.MAX_VALUE && System.nanoTime() - endNanos >= 0;
  }

  private StreamAttempt connected() throws IOException, InterruptedException {
    StreamAttempt current = connection;
    return current == null ? connect() : current;
  }

  private StreamAttempt connect() throws IOException, InterruptedException {
    requireOpen();
    StreamAttempt attempt = request.start(lastEventId);
    connection = attempt;
    requireOpen(); // or close() came before it could see the attempt
    attempt.awaitStream(backoff.attempt(request.silence()));
    backoff.answered();
    parser = new SseParser();
    heardNanos = System.nanoTime();
    listener.connected();
    return attempt;
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

  private void pause(IOException cause) throws IOException, InterruptedException {
    requireOpen();
    Duration wait = backoff.failed(cause, BusyException.retryAfter(cause));
    if (closed.await(wait.toMillis(), TimeUnit.MILLISECONDS)) {
      requireOpen();
    }
  }

  private void requireOpen() throws IOException {
    if (isClosed()) {
      disconnect();
      throw new ClosedException("the stream");
    }
  }

  private void disconnect() {
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
