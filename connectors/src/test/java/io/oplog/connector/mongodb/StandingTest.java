package io.oplog.connector.mongodb;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.connector.document.ChangeTime;
import io.oplog.connector.document.DocumentChange;
import io.oplog.connector.document.DocumentChange.Gone;
import io.oplog.connector.document.Namespace;
import io.oplog.core.relay.Backlog;
import java.util.List;
import org.junit.jupiter.api.Test;

final class StandingTest {
  private static final Backlog UNKNOWN = new Backlog(-1, -1);
  private static final long NOW = 60_000;

  private final Standing standing = new Standing();

  private static List<DocumentChange> changes() {
    return List.of(change(10_000), change(20_000));
  }

  private static DocumentChange change(long millis) {
    return new Gone(new Namespace("a", "b"), new ChangeTime(1, 0), millis);
  }

  @Test
  void nothingIsKnownBeforeSomethingIsRead() {
    assertThat(standing.backlog(NOW)).isEqualTo(UNKNOWN);
    standing.caughtUp();
    assertThat(standing.backlog(NOW)).isEqualTo(Backlog.NONE);
    standing.unknown();
    assertThat(standing.backlog(NOW)).isEqualTo(UNKNOWN);
  }

  @Test
  void whatIsHandedOutWaitsUntilItIsAcknowledged() {
    standing.handed(changes(), "p", false);
    standing.caughtUp();
    standing.acknowledged("another");
    assertThat(standing.backlog(NOW)).isEqualTo(new Backlog(-1, 50));
    standing.acknowledged("p");
    assertThat(standing.backlog(NOW)).isEqualTo(Backlog.NONE);
  }

  @Test
  void whatFollowsIsNoOlderThanWhatIsAcknowledged() {
    standing.handed(changes(), "p", true);
    standing.acknowledged("p");
    assertThat(standing.backlog(NOW)).isEqualTo(new Backlog(-1, 40));
    assertThat(standing.backlog(0)).as("clocks differ").isEqualTo(new Backlog(-1, 0));
  }

  @Test
  void whatIsReadAheadWaitsSinceItsFirstChange() {
    standing.handed(changes(), "p", true);
    standing.handed(List.of(change(30_000)), "q", true);
    standing.handed(List.of(change(40_000)), "r", false);
    assertThat(standing.backlog(NOW)).isEqualTo(new Backlog(-1, 50));
    standing.acknowledged("q");
    standing.caughtUp();
    assertThat(standing.backlog(NOW)).isEqualTo(new Backlog(-1, 20));
    standing.acknowledged("p");
    assertThat(standing.backlog(NOW)).isEqualTo(new Backlog(-1, 20));
    standing.acknowledged("r");
    assertThat(standing.backlog(NOW)).isEqualTo(Backlog.NONE);
  }

  /** As that of a batch without changes, which takes those before it with it. */
  @Test
  void aLaterPositionIsAfterAllThatWasHandedOutBeforeIt() {
    standing.handed(changes(), after(1) + "a", false);
    standing.handed(changes(), after(2) + "b", false);
    standing.handed(List.of(change(30_000)), after(4) + "c", false);
    standing.acknowledged(after(3) + "d");
    assertThat(standing.backlog(NOW)).isEqualTo(new Backlog(-1, 30));
    standing.acknowledged(after(4) + "e");
    assertThat(standing.backlog(NOW)).isEqualTo(Backlog.NONE);
  }

  private static String after(long clusterTime) {
    return new ChangeTime(clusterTime, 0) + "-";
  }
}
