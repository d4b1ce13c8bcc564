package io.oplog.server.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.oplog.protocol.StreamEvent;
import io.oplog.protocol.StreamEvent.Change;
import io.oplog.protocol.StreamEvent.Live;
import io.oplog.protocol.StreamEvent.Progress;
import io.oplog.protocol.StreamEvent.Reset;
import io.oplog.protocol.StreamEvent.Unknown;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A consumer that stays connected: when its stream ends it goes on after the last id it got, and so
 * may never get anything twice.
 */
final class Follower extends Worker {

  /** What a consumer does with what it gets, on the consumer's thread. */
  interface Use {
    void reset(Reset reset);

    void change(Change change);

    void live(Live live);
  }

  private final Access access;
  private final String path;
  private final Use use;
  private String lastEventId;
  private volatile long position;
  private volatile @Nullable Stream stream;

  /**
   * Makes a consumer that is not yet started.
   *
   * @param start its first {@code Last-Event-ID}
   */
  Follower(String name, Access access, String path, String start, Use use) {
    super(name);
    this.access = access;
    this.path = path;
    this.lastEventId = start;
    this.use = use;
  }

  /** The sequence up to which it has been served. */
  long position() {
    return position;
  }

  @Override
  void work() throws IOException {
    try (Stream connected = Stream.open(access, path, lastEventId)) {
      stream = connected;
      while (!stopped()) {
        take(connected.next());
      }
    } catch (Stream.Refused e) {
      assertThat(e.status()).as("status of the stream").isGreaterThanOrEqualTo(500);
      throw e;
    }
  }

  private void take(StreamEvent event) {
    switch (event) {
      case Reset reset -> reset(reset);
      case Change change -> change(change);
      case Live live -> live(live);
      case Progress progress -> at(progress.id().toString(), progress.id().sequence());
      case Unknown unknown -> fail("the server sent " + unknown);
    }
  }

  private void reset(Reset reset) {
    assertThat(reset.reason()).as("reason of a reset after %s", lastEventId).isEqualTo("requested");
    use.reset(reset);
    at(reset.id().toString(), 0);
  }

  private void change(Change change) {
    assertThat(change.id().sequence())
        .as("the position after %d", position)
        .isGreaterThan(position);
    use.change(change);
    at(change.id().toString(), change.id().sequence());
  }

  private void live(Live live) {
    long sequence = live.id().sequence();
    assertThat(sequence).as("the position of live").isGreaterThanOrEqualTo(position);
    use.live(live);
    at(live.id().toString(), sequence);
  }

  private void at(String id, long sequence) {
    lastEventId = id;
    position = sequence;
  }

  @Override
  void interrupt() {
    Stream open = stream;
    if (open != null) {
      open.close();
    }
  }
}
