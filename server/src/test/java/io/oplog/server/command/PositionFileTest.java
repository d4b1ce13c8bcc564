package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PositionFileTest {
  private static final String ID = "6920c0de0001000000000a2f";

  @TempDir Path folder;

  @Test
  void theFileHoldsTheIdAndNothingElse() throws Exception {
    Path file = folder.resolve("position");
    try (PositionFile position = PositionFile.open(file)) {
      assertThat(position.saved()).isEmpty();
      position.reached(ID);
    }
    assertThat(file).hasContent(ID).hasSize(ID.length());
    assertThat(folder.toFile().list()).containsExactly("position");
    try (PositionFile position = PositionFile.open(file)) {
      assertThat(position.saved()).isEqualTo(ID);
    }
  }

  @Test
  void theOriginalsFilesAreRead() throws Exception {
    Path file = Files.writeString(folder.resolve("position"), "1415271879041\n");
    try (PositionFile position = PositionFile.open(file)) {
      assertThat(position.saved()).isEqualTo("1415271879041");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"garbage", "-5", "6920c0de0001000000000a2", "\u0000"})
  void whatIsNotAPositionIsNotTakenForOne(String text) throws Exception {
    Path file = Files.writeString(folder.resolve("position"), text);
    assertFails(file, ExitCode.DATA, file + " holds no event id");
    assertThat(file).hasContent(text);
  }

  @Test
  void aPlaceThatCannotBeWrittenIsToldAtOnce() throws Exception {
    Path missing = folder.resolve("none/position");
    Path taken = folder.resolve("position");
    Files.createDirectory(folder.resolve("position.tmp"));
    assertFails(missing, ExitCode.FAILURE, missing + ": there is no folder " + folder + "/none");
    assertFails(taken, ExitCode.FAILURE, taken + ": is a directory");
    assertFails(folder, ExitCode.FAILURE, folder + ": is a folder");
  }

  private static void assertFails(Path file, int exitCode, String message) {
    CommandFailure failure =
        catchThrowableOfType(CommandFailure.class, () -> PositionFile.open(file));
    assertThat(failure.exitCode()).isEqualTo(exitCode);
    assertThat(failure).hasMessageContaining(message);
  }
}
