package io.oplog.core.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is asked of the two ends, and in which order. */
@Timeout(30)
class RelayTest {
  private final BlockingQueue<String> asked = new LinkedBlockingQueue<>();
  private final ScriptedSource source = new ScriptedSource();
  private final ScriptedSink sink = new ScriptedSink();
  private final Relay<String> relay = new Relay<>(source, sink, "there");

  @AfterEach
  void close() {
    relay.close();
  }

  /** Waits for what is asked next. */
  private void awaitAsked(String... expected) throws InterruptedException {
    List<String> seen = new ArrayList<>();
    while (seen.size() < expected.length) {
      seen.add(String.valueOf(asked.poll(20, TimeUnit.SECONDS)));
    }
    assertThat(seen).containsExactly(expected);
  }

  @Test
  void whatTheSourceHasIsPutAfterThePositionThatTheSinkHas() throws Exception {
    sink.position = Optional.of("p1");
    source.batches.add(new Batch<>(List.of("a", "b"), "p3"));
    source.batches.add(new Batch<>(List.of("c"), "p4"));
    relay.start();
    awaitAsked(
        "position",
        "seek p1",
        "put p1 [a, b] p3",
        "acknowledged p3",
        "put p3 [c] p4",
        "acknowledged p4");
    assertThat(relay.stats().trouble()).isEmpty();
    assertThat(relay.stats().sent()).isEqualTo(3);
    assertThat(relay.stats().position()).contains("p4");
  }

  @Test
  void untilBothEndsHaveAnsweredItHasNotBegun() {
    assertThat(relay.stats().trouble()).contains("it has not begun yet");
  }

  @Test
  void aBatchThatMayHaveArrivedIsAskedFor() throws Exception {
    sink.position = Optional.of("p1");
    sink.failure = new IOException("no answer");
    source.batches.add(new Batch<>(List.of("a"), "p2"));
    relay.start();
    awaitAsked("position", "seek p1", "put p1 [a] p2", "position");
  }

  @Test
  void aPositionThatMovesWithoutAChangeIsNotWorthAWriteEachTime() throws Exception {
    sink.position = Optional.of("p1");
    source.batches.add(new Batch<>(List.of(), "p2"));
    source.batches.add(new Batch<>(List.of("a"), "p3"));
    relay.start();
    awaitAsked("position", "seek p1", "put p1 [a] p3", "acknowledged p3");
  }

  @Test
  void whereChangesDoNotLeadOnTheSinkIsBroughtInLineAndChangesFollow() throws Exception {
    source.start = new Start.Lost<>("history gone", new OneScan());
    source.batches.add(new Batch<>(List.of("a"), "p9"));
    relay.start();
    awaitAsked(
        "position",
        "seek -",
        "reconcile history gone",
        "position",
        "seek p8",
        "put p8 [a] p9",
        "acknowledged p9");
    assertThat(relay.stats().reconciled()).isEqualTo(1);
  }

  @Test
  void aScanThatOnlyAnOperatorCanAllowIsNotReadAgainAtOnce() throws Exception {
    source.start = new Start.Lost<>("history gone", new OneScan());
    sink.failure = new UnusableException("too many deletions", new IOException("an example"));
    relay.start();
    awaitAsked("position", "seek -", "reconcile history gone");
    assertThat(asked.poll(1, TimeUnit.SECONDS)).isNull();
    assertThat(relay.stats().trouble()).contains("too many deletions");
  }

  @Test
  void aPositionLostInMidStreamIsNoTroubleButSoughtAgain() throws Exception {
    sink.position = Optional.of("p1");
    source.failure = new PositionLostException("dropped");
    relay.start();
    awaitAsked("position", "seek p1", "position", "seek p1");
    assertThat(relay.stats().trouble()).isNotEqualTo(Optional.of("dropped"));
  }

  @Test
  void anEndThatIsAwayDoesNotHideAnotherThatCannotBeUsed() {
    source.failure = new IOException("away");
    sink.failure = new UnusableException("a replica", new IOException("an example"));
    assertThatExceptionOfType(UnusableException.class)
        .isThrownBy(relay::check)
        .withMessage("a replica");
  }

  /** Gives what it is told to. */
  private final class ScriptedSource implements Source<String> {
    private final BlockingQueue<Batch<String>> batches = new LinkedBlockingQueue<>();
    private volatile Start<String> start = new Start.Resumed<>();
    private volatile Optional<String> found = Optional.empty();
    private volatile @Nullable IOException failure;

    @Override
    public String name() {
      return "source";
    }

    @Override
    public Start<String> seek(Optional<String> position) {
      asked.add("seek " + position.orElse("-"));
      return position.isPresent() ? new Start.Resumed<>() : start;
    }

    @Override
    public Optional<Batch<String>> next(int maxBytes, Duration wait)
        throws IOException, InterruptedException {
      IOException thrown = failure;
      if (thrown != null) {
        throw thrown;
      }
      return Optional.ofNullable(batches.poll(wait.toMillis(), TimeUnit.MILLISECONDS));
    }

    @Override
    public void acknowledged(String position) {
      found = Optional.of(position);
      asked.add("acknowledged " + position);
    }

    @Override
    public Backlog backlog() {
      return found.isEmpty() ? new Backlog(batches.size(), 0) : Backlog.NONE;
    }

    @Override
    public void check() throws IOException {
      IOException thrown = failure;
      if (thrown != null) {
        throw thrown;
      }
    }

    @Override
    public void close() {}
  }

  /** Writes down what it is given. */
  private final class ScriptedSink implements Sink<String> {
    private volatile Optional<String> position = Optional.empty();
    private volatile @Nullable IOException failure;

    @Override
    public Optional<String> position(String source) {
      asked.add("position");
      return position;
    }

    @Override
    public Receipt put(String source, Optional<String> from, Batch<String> batch)
        throws IOException {
      asked.add("put " + from.orElse("-") + " " + batch.changes() + " " + batch.to());
      check();
      position = Optional.of(batch.to());
      return new Stored(List.of());
    }

    @Override
    public Receipt reconcile(String source, Optional<String> from, Scan<String> scan, String reason)
        throws IOException, InterruptedException {
      asked.add("reconcile " + reason);
      check();
      position = Optional.of(scan.skip());
      return new Stored(List.of());
    }

    @Override
    public void check() throws IOException {
      IOException thrown = failure;
      if (thrown != null) {
        throw thrown;
      }
    }

    @Override
    public void close() {}
  }

  private static final class OneScan implements Scan<String> {
    @Override
    public long beginsAtMillis() {
      return 0;
    }

    @Override
    public String read(Taker<? super String> taker) {
      return "p8";
    }

    @Override
    public String skip() {
      return "p8";
    }
  }
}
