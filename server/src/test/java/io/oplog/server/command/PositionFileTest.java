package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  @Test
  void aPositionThatCannotBeSavedIsAnError() {
    assertThatThrownBy(
            () -> {
              try (PositionFile position = PositionFile.open(folder.resolve("none/position"))) {
                position.reached(ID);
              }
            })
        .isInstanceOf(IOException.class);
  }
}
