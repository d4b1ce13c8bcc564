package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.client.sync.SyncProgress.Phase;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** What is said of a run that is stopped. */
class SyncBarTest {
  @Command
  private static final class Access {
    @Mixin private ServerAccess server;
  }

  private final SyncBar bar = bar();

  private static SyncBar bar() {
    Access access = new Access();
    var _ = new CommandLine(access);
    return new SyncBar(access.server);
  }

  @Test
  void whatARunHasNotSentIsNothing() {
    bar.reached(Phase.READING, 5, 0);
    bar.reached(Phase.SENDING, 0, 9);
    assertThat(bar.sent()).isEqualTo("nothing was sent");
  }

  @Test
  void whatARunRepairsBeforeItComparesIsSent() {
    bar.stored(0, 3);
    bar.reached(Phase.READING, 5, 0);
    assertThat(bar.sent()).isEqualTo("3 operations of others were sent again, run again to go on");
  }

  @Test
  void aBatchThatIsNotSettledYetIsSent() {
    bar.reached(Phase.SENDING, 0, 1234);
    bar.stored(1, 0);
    assertThat(bar.sent()).isEqualTo("1 of 1,234 operations were sent, run again to go on");
  }

  @Test
  void aDumpOfWhichAllObjectsWerePassedMayBeWhole() {
    bar.reached(Phase.REPLICATING, 7, 0);
    assertThat(bar.written()).isEqualTo("nothing was written");
    bar.reached(Phase.WRITING, 6, 7);
    assertThat(bar.written()).isEqualTo("6 objects were written, which are not all");
    bar.reached(Phase.WRITING, 7, 7);
    assertThat(bar.written()).isEqualTo("7 objects were written, which may not be all");
  }
}
