package io.oplog.server.crash;

import static org.awaitility.Awaitility.await;

import io.oplog.protocol.EventId;
import io.oplog.protocol.Operation;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

/** Consumers that are there all the time, whatever happens to the server. */
final class Audience implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final int port;
  private final List<Listening> listening;
  private final Replicator replicator;
  private final Follower replicating;

  /** A consumer with a filter. */
  private record Listening(Follower follower, Recorder recorder) {}

  /**
   * Makes consumers that are not yet started.
   *
   * @param start the id of the operation that the log begins with
   */
  Audience(int port, Script script, EventId start) {
    this.port = port;
    this.listening =
        List.of(
            listening(script, start, "/ops", _ -> true),
            listening(script, start, "/ops?types=video,user", Audience::videoOrUser),
            listening(script, start, "/?parents=user/u7", o -> o.parents().contains("user/u7")));
    this.replicator = new Replicator(script);
    this.replicating = new Follower("replicating consumer", port, "/?progress=1", "0", replicator);
  }

  private static boolean videoOrUser(Operation operation) {
    return operation.type().equals("video") || operation.type().equals("user");
  }

  private Listening listening(
      Script script, EventId start, String path, Predicate<Operation> wanted) {
    Recorder recorder = new Recorder(number -> wanted.test(script.operation(number)));
    Follower follower = new Follower("consumer of " + path, port, path, start.toString(), recorder);
    return new Listening(follower, recorder);
  }

  Audience start() {
    listening.forEach(each -> each.follower().start());
    replicating.start();
    return this;
  }

  /** Fails when a consumer met something that it must never meet. */
  void verify() {
    listening.forEach(each -> each.follower().verify());
    replicating.verify();
  }

  /** Waits until all have what is in the log, stops them, and looks at what they got. */
  void finish(History history) throws IOException {
    for (Listening each : listening) {
      awaitLast(each, history);
      each.recorder().verify(history);
    }
    await().atMost(PATIENCE).until(() -> caughtUp(history));
    close();
    history.extend(port, replicating.position());
    replicator.replica().verifyEquals(history.fold(replicating.position()));
  }

  private static void awaitLast(Listening each, History history) {
    long[] expected = history.sequences(each.recorder().wanted());
    long last = expected.length == 0 ? 0 : expected[expected.length - 1];
    await()
        .atMost(PATIENCE)
        .until(() -> {
          each.follower().verify();
          return each.follower().position() >= last;
        });
  }

  private boolean caughtUp(History history) {
    replicating.verify();
    return replicator.live() && replicating.position() >= history.head();
  }

  @Override
  public void close() {
    listening.forEach(each -> each.follower().close());
    replicating.close();
  }
}
