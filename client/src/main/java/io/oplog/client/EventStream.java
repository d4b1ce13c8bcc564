package io.oplog.client;

import io.oplog.protocol.StreamEvent;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;

/**
 * A stream of operations, resets and lives, which goes on by itself when a connection breaks. Who
 * must not miss anything over his own restarts takes an {@link AcknowledgedStream}.
 *
 * <pre>{@code
 * try (EventStream stream = new StreamClient(Endpoint.of("http://localhost:8042"))
 *     .follow(Filter.ALL, "0")) {
 *   for (StreamEvent event : stream) {
 *     handle(event);
 *   }
 * }
 * }</pre>
 *
 * <p>Pulled by one thread; {@link #close} may be called by any. What was not yet asked for waits in
 * the network, so memory is bounded.
 */
public final class EventStream implements Iterable<StreamEvent>, Closeable {
  private final ReconnectingStream stream;

  EventStream(ReconnectingStream stream) {
    this.stream = stream;
  }

  /**
   * Waits for the next event.
   *
   * @throws IOException as of {@link ReconnectingStream#next}
   */
  public StreamEvent next() throws IOException, InterruptedException {
    StreamEvent event = stream.next();
    while (!isForConsumer(event)) {
      event = stream.next();
    }
    return event;
  }

  /**
   * As {@link #next}, for a moment.
   *
   * @param wait how long to wait for an event at most
   * @return empty when there was none, or only what is not for consumers
   */
  public Optional<StreamEvent> poll(Duration wait) throws IOException, InterruptedException {
    return stream.poll(wait).filter(EventStream::isForConsumer);
  }

  /** What else a server tells moves the position alone. */
  static boolean isForConsumer(StreamEvent event) {
    return !(event instanceof StreamEvent.Progress || event instanceof StreamEvent.Unknown);
  }

  /**
   * What {@link #next} gives, without an end.
   *
   * @return throws an {@link java.io.UncheckedIOException} with the error of {@link #next}; a
   *     thread that is interrupted gets one with an {@link java.io.InterruptedIOException}, and
   *     stays interrupted
   */
  @Override
  public Iterator<StreamEvent> iterator() {
    return new EventIterator(this::next);
  }

  /**
   * The position after the last event that was returned, or of what the server told since: to
   * follow from later.
   */
  public String lastEventId() {
    return stream.lastEventId();
  }

  /** Ends the stream; a thread that waits in {@link #next} gets a {@link ClosedException}. */
  @Override
  public void close() {
    stream.close();
  }
}
