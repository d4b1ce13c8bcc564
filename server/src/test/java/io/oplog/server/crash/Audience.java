package io.oplog.server.crash;

import static org.awaitility.Awaitility.await;

import io.oplog.protocol.EventId;
import io.oplog.protocol.Operation;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Consumers that are there all the time, whatever happens to the servers. */
final class Audience implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Access access;
  private final Script script;
  private final List<Listening> listening;
  private final List<Replicating> replicating;

  /** A consumer that is live from the start, with a filter. */
  private record Listening(Follower follower, Recorder recorder) {}

  /**
   * A consumer that began with a replication, with a filter that an object always passes or never.
   */
  private record Replicating(Follower follower, Replicator replicator, LongPredicate wanted) {}

  /**
   * Makes consumers that are not yet started.
   *
   * @param start the id of the operation that the log begins with
   */
  Audience(Access access, Script script, EventId start) {
    this.access = access;
    this.script = script;
    this.listening =
        List.of(
            listening(start, "/ops", _ -> true),
            listening(start, "/ops?types=video,user", Audience::videoOrUser),
            listening(start, "/?parents=user/u7", o -> o.parents().contains("user/u7")));
    this.replicating =
        List.of(
            replicating("/?progress=1", _ -> true),
            replicating("/?progress=1&types=video,user", Audience::videoOrUser));
  }

  private static boolean videoOrUser(Operation operation) {
    return operation.type().equals("video") || operation.type().equals("user");
  }

  private LongPredicate numbers(Predicate<Operation> wanted) {
    return number -> wanted.test(script.operation(number));
  }

  private Listening listening(EventId start, String path, Predicate<Operation> wanted) {
    Recorder recorder = new Recorder(numbers(wanted));
    Follower follower =
        new Follower("consumer of " + path, access, path, start.toString(), recorder);
    return new Listening(follower, recorder);
  }

  private Replicating replicating(String path, Predicate<Operation> wanted) {
    Replicator replicator = new Replicator(script);
    Follower follower = new Follower("replica of " + path, access, path, "0", replicator);
    return new Replicating(follower, replicator, numbers(wanted));
  }

  private Stream<Follower> followers() {
    return Stream.concat(
        listening.stream().map(Listening::follower),
        replicating.stream().map(Replicating::follower));
  }

  Audience start() {
    followers().forEach(Worker::start);
    return this;
  }

  /** Cuts the streams of some, who then go on where they are let in. */
  void cutSome(SplittableRandom random) {
    followers().filter(_ -> random.nextInt(3) == 0).forEach(Worker::interrupt);
  }

  /** Fails when a consumer met something that it must never meet. */
  void verify() {
    followers().forEach(Worker::verify);
  }

  /**
   * Waits until all have what is in the log, stops them, and looks at what they got.
   *
   * @param port of a server that has the log
   */
  void finish(int port, History history) throws IOException {
    for (Listening each : listening) {
      awaitLast(each, history);
      each.recorder().verify(history);
    }
    for (Replicating each : replicating) {
      await().atMost(PATIENCE).until(() -> caughtUp(each, history));
    }
    close();
    for (Replicating each : replicating) {
      long position = each.follower().position();
      history.extend(port, position);
      each.replicator().replica().verifyEquals(history.fold(position, each.wanted()));
    }
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

  private static boolean caughtUp(Replicating each, History history) {
    each.follower().verify();
    return each.replicator().live() && each.follower().position() >= history.head();
  }

  @Override
  public void close() {
    followers().forEach(Worker::close);
  }
}
