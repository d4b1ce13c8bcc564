package io.oplog.server.command;

import io.oplog.connector.redis.DenyList;
import io.oplog.core.relay.Relay;
import io.oplog.core.relay.RelayStats;
import io.oplog.core.relay.UnusableException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The relays of a process, one to each target: none waits for another.
 *
 * @param denied what their sinks do not publish, where an operator may say so
 * @param position of the target that is a file
 */
record Relays(List<Relay<?>> all, List<DenyList> denied, PositionFile position)
    implements AutoCloseable {
  Relays {
    all = List.copyOf(all);
    denied = List.copyOf(denied);
  }

  /**
   * Whether their ends can be used, before they are started. One that is away is waited for, and so
   * is one that cannot be used as it is, unless none can.
   *
   * @param say hears what is wrong with those that are waited for
   * @throws UnusableException when none can be used
   */
  void check(Consumer<String> say) throws UnusableException, InterruptedException {
    List<IOException> failures = failures();
    List<UnusableException> unusable =
        failures.stream()
            .filter(UnusableException.class::isInstance)
            .map(UnusableException.class::cast)
            .toList();
    if (unusable.size() == all.size()) {
      throw unusable.getFirst();
    }
    failures.stream().map(IOException::getMessage).distinct().forEach(say);
  }

  private List<IOException> failures() throws InterruptedException {
    List<Callable<Optional<IOException>>> checks =
        all.stream().<Callable<Optional<IOException>>>map(relay -> () -> failure(relay)).toList();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      return threads.invokeAll(checks).stream()
          .map(Future::resultNow)
          .flatMap(Optional::stream)
          .toList();
    }
  }

  private static Optional<IOException> failure(Relay<?> relay) throws InterruptedException {
    try {
      relay.check();
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(e);
    }
  }

  void start() {
    all.forEach(Relay::start);
  }

  /** How each gets on. May block on the source. */
  List<RelayStats> stats() {
    return all.stream().<RelayStats>map(Relay::stats).toList();
  }

  /** The same, to be asked one by one. */
  List<Supplier<RelayStats>> tellers() {
    return all.stream().<Supplier<RelayStats>>map(relay -> relay::stats).toList();
  }

  /** Stops them within five seconds. */
  @Override
  public void close() throws IOException {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      all.forEach(relay -> threads.execute(relay::close));
    }
    position.close();
  }
}
