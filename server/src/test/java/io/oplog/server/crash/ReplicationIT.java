package io.oplog.server.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.protocol.EventId;
import io.oplog.protocol.StreamEvent.Change;
import io.oplog.protocol.StreamEvent.Live;
import io.oplog.protocol.StreamEvent.Progress;
import io.oplog.protocol.StreamEvent.Reset;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replications while writers write. */
class ReplicationIT {
  private static final int REPLICATIONS = 10;
  private static final int MOST_EVENTS_AT_ONCE = 4000;

  @TempDir Path data;

  @Test
  void aReplicationThatIsCutAnywhereAndResumedHoldsTheFold() throws IOException {
    SplittableRandom random = new SplittableRandom(Seeds.of(ReplicationIT.class));
    ServerProgram program = ServerProgram.on(data);
    try (ServerProcess server = program.start().awaitReady()) {
      Access access = Access.to(program.port());
      Script script = new Script(random.nextLong());
      Ledger ledger = new Ledger();
      EventId first = Producer.mark(program.port(), script, ledger);
      History history = new History(script, first, 1);
      try (Load load = Load.overHttp(access, script, ledger, random.split()).start()) {
        for (int i = 0; i < REPLICATIONS; i++) {
          Piecewise consumer = new Piecewise(program.port(), script);
          long position = consumer.replicate(random);
          history.extend(program.port(), position);
          consumer.replica.verifyEquals(history.fold(position, _ -> true));
          load.verify();
        }
      }
      assertThat(server.isAlive()).isTrue();
    }
  }

  /**
   * Reads a few events over each connection until it is live. Asks for progress, since a stream
   * that resumes after an operation of the log is told only then when it is live.
   */
  private static final class Piecewise {
    private final int port;
    private final Replica replica;
    private String lastEventId = "0";
    private long position;
    private boolean live;

    Piecewise(int port, Script script) {
      this.port = port;
      this.replica = new Replica(script);
    }

    long replicate(SplittableRandom random) throws IOException {
      while (!live) {
        try (Stream stream = Stream.open(Access.to(port), "/?progress=1", lastEventId)) {
          for (int i = random.nextInt(MOST_EVENTS_AT_ONCE); i >= 0 && !live; i--) {
            take(stream);
          }
        }
      }
      return position;
    }

    private void take(Stream stream) throws IOException {
      switch (stream.next()) {
        case Reset reset -> {
          assertThat(reset.reason()).isEqualTo("requested");
          at(reset.id());
        }
        case Change change -> {
          assertThat(change.id().sequence()).isGreaterThan(position);
          replica.apply(change);
          at(change.id());
        }
        case Live event -> {
          live = true;
          at(event.id());
        }
        case Progress progress -> at(progress.id());
        case Object other -> throw new AssertionError("in a replication came " + other);
      }
    }

    private void at(EventId id) {
      assertThat(id.sequence()).isGreaterThanOrEqualTo(position);
      position = id.sequence();
      lastEventId = id.toString();
    }
  }
}
