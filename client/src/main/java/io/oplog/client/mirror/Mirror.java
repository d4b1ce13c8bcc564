package io.oplog.client.mirror;

import io.oplog.client.ClosedException;
import io.oplog.client.ReconnectingStream;
import io.oplog.client.StreamClient;
import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationKind;
import io.oplog.protocol.StreamEvent;
import java.io.Closeable;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Makes a target the same as the source of a log, and keeps it so: each object that changed is
 * fetched and put, what is deleted or has left the filter is removed, and after a reset all that
 * was not told anew. Objects are fetched side by side, and committed in the order of the stream
 * with the place in it, so it goes on wherever it was cut.
 *
 * <p>{@link #run} is for one thread; {@link #close} for any.
 *
 * @param <T> an object
 */
public final class Mirror<T> implements Closeable {
  private static final String BEGINNING = "0";
  private static final int MOST_IN_A_COMMIT = 500;
  private static final int WAITING_EACH = 8;
  private static final Duration LOOK = Duration.ofMillis(20);
  private static final Duration LONG_LOOK = Duration.ofSeconds(1);

  private final StreamClient client;
  private final MirrorTarget<T> target;
  private final Fetcher<T> fetcher;
  private final MirrorOptions options;
  private final int mostWaiting;

  /** What was read, in its order, and not committed. */
  private final Deque<Step<T>> waiting = new ArrayDeque<>();

  private MirrorCheckpoint read = MirrorCheckpoint.NONE;
  private volatile @Nullable ReconnectingStream stream;
  private volatile boolean isClosed;

  /** What an event means, which may still be fetched, and the place after it. */
  private record Step<T>(
      StreamEvent event, Future<Optional<MirrorChange<T>>> change, MirrorCheckpoint after) {}

  /** Does nothing yet. */
  public Mirror(
      StreamClient client, MirrorTarget<T> target, Fetcher<T> fetcher, MirrorOptions options) {
    this.client = client;
    this.target = target;
    this.fetcher = fetcher;
    this.options = options;
    this.mostWaiting = WAITING_EACH * options.concurrency();
  }

  /**
   * Mirrors until it is closed, or something fails for good: the stream, the target, or an object
   * that is not to be skipped. May be called again.
   *
   * @throws Exception why; after {@link #close} a {@link ClosedException}
   */
  public void run() throws Exception {
    read = target.load().map(MirrorCheckpoint::parse).orElse(MirrorCheckpoint.NONE);
    boolean isFirst = read.equals(MirrorCheckpoint.NONE);
    waiting.clear();
    Meter meter = new Meter(options.onProgress());
    ExecutorService pool = Executors.newFixedThreadPool(options.concurrency(), Mirror::thread);
    try (ReconnectingStream events =
        client.reconnecting(options.filter(), isFirst ? BEGINNING : read.id().toString())) {
      stream = events;
      while (!isClosed) {
        readSome(events, pool);
        commitReady(meter);
      }
    } catch (ClosedException e) {
      if (!isClosed) {
        throw e;
      }
    } finally {
      pool.shutdownNow();
    }
    throw new ClosedException("the mirror");
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "oplog-mirror-fetch");
    thread.setDaemon(true);
    return thread;
  }

  /** Reads what is there, as far as there is room; else waits for the object that is due. */
  private void readSome(ReconnectingStream events, ExecutorService pool) throws Exception {
    if (waiting.size() >= mostWaiting) {
      awaitFirst();
      return;
    }
    Optional<StreamEvent> event = events.poll(waiting.isEmpty() ? LONG_LOOK : LOOK);
    event.ifPresent(one -> add(one, pool));
    while (waiting.size() < mostWaiting && events.hasNextNow()) {
      add(events.next(), pool);
    }
  }

  private void awaitFirst() throws InterruptedException {
    try {
      var unused = waiting.getFirst().change().get(LONG_LOOK.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return; // whoever commits it is told
    }
  }

  private void add(StreamEvent event, ExecutorService pool) {
    if (event instanceof StreamEvent.Change change) {
      read = read.at(change.id());
      waiting.addLast(new Step<>(event, change(change.operation(), pool), read));
    } else if (event instanceof StreamEvent.Reset reset) {
      read = read.reset(reset.id());
      waiting.addLast(new Step<>(event, known(Optional.empty()), read));
    } else if (event instanceof StreamEvent.Live live) {
      Optional<MirrorChange<T>> older =
          read.isResetting()
              ? Optional.of(new MirrorChange.RemoveOlder<>(read.generation()))
              : Optional.empty();
      read = read.live(live.id());
      waiting.addLast(new Step<>(event, known(older), read));
    } else if (event instanceof StreamEvent.Progress progress) {
      read = read.at(progress.id());
      waiting.addLast(new Step<>(event, known(Optional.empty()), read));
    }
  }

  private Future<Optional<MirrorChange<T>>> change(Operation operation, ExecutorService pool) {
    if (operation.kind() == OperationKind.DELETE || hasLeft(operation)) {
      return known(Optional.of(new MirrorChange.Remove<>(operation.type(), operation.id())));
    }
    return pool.submit(
        new FetchTask<>(operation, read.generation(), fetcher, options, pool::isShutdown));
  }

  /** An object that moved is told once more where it was. */
  private boolean hasLeft(Operation operation) {
    return !options.filter().parents().isEmpty()
        && operation.parents().stream().noneMatch(options.filter().parents()::contains);
  }

  private static <T> Future<Optional<MirrorChange<T>>> known(Optional<MirrorChange<T>> change) {
    return CompletableFuture.completedFuture(change);
  }

  /** Commits what is done, from the first to the one that is not. */
  private void commitReady(Meter meter) throws Exception {
    List<Step<T>> steps = takeReady();
    if (steps.isEmpty()) {
      return;
    }
    List<MirrorChange<T>> changes = new ArrayList<>();
    for (Step<T> step : steps) {
      result(step).ifPresent(changes::add);
    }
    target.commit(changes, steps.get(steps.size() - 1).after().toString());
    steps.forEach(step -> meter.committed(step.event()));
  }

  private List<Step<T>> takeReady() {
    List<Step<T>> steps = new ArrayList<>();
    while (steps.size() < MOST_IN_A_COMMIT && isReady()) {
      steps.add(waiting.removeFirst());
    }
    return steps;
  }

  private boolean isReady() {
    return !waiting.isEmpty() && waiting.getFirst().change().isDone();
  }

  private static <T> Optional<MirrorChange<T>> result(Step<T> step) throws Exception {
    try {
      return step.change().get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  /** Ends {@link #run} soon; what was fetched and not committed is fetched again. */
  @Override
  public void close() {
    isClosed = true;
    ReconnectingStream open = stream;
    if (open != null) {
      open.close();
    }
  }
}
