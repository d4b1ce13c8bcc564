package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.core.relay.Backlog;
import io.oplog.core.relay.RelayStats;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RelayBarTest {
  private static final Backlog UNTOLD = new Backlog(Backlog.UNKNOWN, Backlog.UNKNOWN);

  private static RelayStats stats(Backlog backlog, String trouble) {
    Optional<String> why = trouble.isEmpty() ? Optional.empty() : Optional.of(trouble);
    return new RelayStats("there", 1500, 0, 0, 0, 0, 0, Optional.of("p7"), backlog, why);
  }

  @Test
  void oneRelayIsToldWithItsPosition() {
    assertThat(RelayBar.text(List.of(stats(Backlog.NONE, "")), 3))
        .isEqualTo("1,500 changes, 3/s, up to date, at p7");
    assertThat(RelayBar.text(List.of(stats(UNTOLD, "")), 0)).contains("starting");
    assertThat(RelayBar.text(List.of(stats(UNTOLD, "away")), 0)).contains(" waiting, at p7");
  }

  @Test
  void ofSeveralTheSumIsToldAndTheOneThatIsWorstOff() {
    RelayStats well = stats(Backlog.NONE, "");
    assertThat(RelayBar.text(List.of(well, well), 3)).isEqualTo("3,000 changes, 3/s, up to date");
    assertThat(RelayBar.text(List.of(stats(new Backlog(5, 12), ""), well), 0))
        .isEqualTo("3,000 changes, 0/s, 12 s behind");
    assertThat(RelayBar.text(List.of(well, stats(UNTOLD, "away")), 0))
        .isEqualTo("3,000 changes, 0/s, 1 of 2 waiting");
  }
}
