package io.oplog.server.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FullDiskIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int MEGABYTES = 256;
  private static final int FREE_MEGABYTES = 6;

  @TempDir Path directory;

  @Test
  void aFullDiskIsAnErrorToProducersWhileConsumersReadOnAndPassesWhenThereIsRoom()
      throws Exception {
    try (SmallDisk disk = SmallDisk.mount(directory, MEGABYTES)) {
      disk.fillUpTo(FREE_MEGABYTES); // before RocksDB sets aside more for its log
      Path data = Files.createDirectory(directory.resolve("data"));
      ServerProgram program = ServerProgram.on(data);
      try (Trial trial = Trial.begin(program, Seeds.of(FullDiskIT.class))) {
        trial.check();
        trial.flood();
        await().atMost(PATIENCE).until(() -> trial.ledger().answers(503) > 0);
        assertThat(trial.server().isAlive()).isTrue();
        Wire.Answer readiness =
            await().atMost(PATIENCE).until(() -> readiness(program), a -> a.status() == 503);
        assertThat(readiness.body()).containsIgnoringCase("space");
        trial.checkReadable();
        disk.free();
        trial.server().awaitReady();
        trial.checkAll();
        trial.kill();
        trial.start().awaitReady();
        trial.finish();
      }
    }
  }

  private static Wire.Answer readiness(ServerProgram program) throws IOException {
    return Wire.get(program.port(), "/readyz");
  }
}
