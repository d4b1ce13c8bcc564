package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OperationFileTest {
  @TempDir Path folder;

  private static String read(Path path) throws Exception {
    try (OperationFile file = OperationFile.open(path)) {
      String text = new String(file.lines().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(file.share()).hasValue(1.0);
      return text;
    }
  }

  @Test
  void aPackedFileIsKnownByItsFirstBytes() throws Exception {
    Path packed = folder.resolve("any-name");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      out.write("{}\n".getBytes(StandardCharsets.UTF_8));
    }
    assertThat(read(packed)).isEqualTo("{}\n");
  }

  @Test
  void anotherFileIsReadAsItIs() throws Exception {
    assertThat(read(Files.writeString(folder.resolve("a.gz"), "x"))).isEqualTo("x");
  }

  @Test
  void anEmptyFileIsEmpty() throws Exception {
    try (OperationFile file = OperationFile.open(Files.createFile(folder.resolve("a")))) {
      assertThat(file.lines().readAllBytes()).isEmpty();
      assertThat(file.share()).isEmpty();
    }
  }
}
