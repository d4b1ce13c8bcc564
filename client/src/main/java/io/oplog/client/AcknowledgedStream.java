package io.oplog.client;

import io.oplog.protocol.EventId;
import io.oplog.protocol.StreamEvent;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A stream for a consumer that must not miss anything: each event is acknowledged when it was
 * handled, in any order and by any thread, and the checkpoint is the last one before the first that
 * was not. A consumer that was cut off goes on from there; what it had handled beyond comes again.
 *
 * <p>Pulled by one thread; {@link #acknowledge} and {@link #close} are for any.
 */
public final class AcknowledgedStream implements Iterable<StreamEvent>, Closeable {
  private static final Duration LOOK = Duration.ofMillis(500);

  private final ReconnectingStream stream;
  private final CheckpointSaver saver;
  private final ReentrantLock lock = new ReentrantLock();

  /** Guarded by the lock. */
  private final Acknowledgements acknowledgements = new Acknowledgements();

  /**
   * A stream that begins where the store says.
   *
   * @param saveEvery how often the checkpoint is saved at most; zero for each time
   */
  AcknowledgedStream(ReconnectingStream stream, CheckpointStore store, Duration saveEvery) {
    this.stream = stream;
    this.saver = new CheckpointSaver(store, saveEvery, this::checkpoint);
  }

  /**
   * Waits for the next operation, reset or live. What else a server tells moves the position alone.
   *
   * @throws IOException as of {@link ReconnectingStream#next}, or when the checkpoint cannot be
   *     saved
   * @throws IllegalStateException when a million events were handed out since one that is not
   *     acknowledged; when it is, this may be called again
   */
  public StreamEvent next() throws IOException, InterruptedException {
    Optional<StreamEvent> event = poll(LOOK);
    while (event.isEmpty()) {
      event = poll(LOOK);
    }
    return event.get();
  }

  /**
   * As {@link #next}, for a moment.
   *
   * @param wait how long to wait for an event at most
   * @return empty when there was none, or only what is not for consumers
   */
  public Optional<StreamEvent> poll(Duration wait) throws IOException, InterruptedException {
    requireRoom();
    Optional<StreamEvent> event = stream.poll(wait);
    if (event.isEmpty()) {
      saver.saveWhenDue(); // what was acknowledged last, though nothing follows
    }
    return event.isPresent() && isForConsumer(event.get()) ? event : Optional.empty();
  }

  private boolean isForConsumer(StreamEvent event) throws IOException {
    if (event instanceof StreamEvent.Progress progress) {
      progressed(progress.id());
    }
    boolean isForConsumer = EventStream.isForConsumer(event);
    if (isForConsumer) {
      handedOut(event);
    }
    return isForConsumer;
  }

  /** As {@link EventStream#iterator}, of what {@link #next} gives. */
  @Override
  public Iterator<StreamEvent> iterator() {
    return new EventIterator(this::next);
  }

  /**
   * The position after the last event that was returned, done or not, or of what the server told
   * since.
   */
  public String lastEventId() {
    return stream.lastEventId();
  }

  /**
   * Has every event handled and acknowledged, several at once: operations on one object in their
   * order, a reset or live alone when all before it is done. In the place of {@link #next}. Ends
   * when a handler fails, with its exception, after those that run; or when the stream fails or is
   * closed, which they may end after too. A thread that is interrupted interrupts those that run.
   * The stream is closed then.
   *
   * @param handler runs on threads of its own; for a reset or live on the caller's
   * @param concurrency how many handlers run at once; at least 1
   * @throws ClosedException when the stream was closed
   * @throws Exception of the handler, or as of {@link #next}
   */
  public void process(EventHandler handler, int concurrency) throws Exception {
    try (this) {
      new Processing(this, handler, concurrency).run();
    }
  }

  private static EventId id(StreamEvent event) {
    if (event instanceof StreamEvent.Change change) {
      return change.id();
    }
    return event instanceof StreamEvent.Reset reset ? reset.id() : ((StreamEvent.Live) event).id();
  }

  private static Acknowledgements.Kind kind(StreamEvent event) {
    if (event instanceof StreamEvent.Change) {
      return Acknowledgements.Kind.CHANGE;
    }
    return event instanceof StreamEvent.Reset
        ? Acknowledgements.Kind.RESET
        : Acknowledgements.Kind.LIVE;
  }

  private void requireRoom() {
    lock.lock();
    try {
      acknowledgements.requireRoom();
    } finally {
      lock.unlock();
    }
  }

  private void handedOut(StreamEvent event) {
    lock.lock();
    try {
      acknowledgements.handedOut(id(event), kind(event));
    } finally {
      lock.unlock();
    }
  }

  private void progressed(EventId id) throws IOException {
    lock.lock();
    try {
      acknowledgements.progressed(id);
    } finally {
      lock.unlock();
    }
    saver.saveWhenDue();
  }

  /**
   * An event that {@link #next} has returned is handled. Once is enough.
   *
   * @throws IOException when the checkpoint cannot be saved; the event is acknowledged
   */
  public void acknowledge(StreamEvent event) throws IOException {
    lock.lock();
    try {
      acknowledgements.acknowledged(id(event), kind(event));
    } finally {
      lock.unlock();
    }
    saver.saveWhenDue();
  }

  /** The last event id up to which everything is acknowledged; empty before there is one. */
  public Optional<EventId> checkpoint() {
    lock.lock();
    try {
      return acknowledgements.checkpoint();
    } finally {
      lock.unlock();
    }
  }

  /** Ends the stream, and saves the checkpoint. */
  @Override
  public void close() throws IOException {
    stream.close();
    saver.close();
  }
}
