package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OperationFileTest {
  @TempDir Path folder;

  private static String read(Path path) throws Exception {
    try (OperationFile file = OperationFile.open(path)) {
      String text = new String(file.lines().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(file.share(1)).hasValue(1.0);
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
      assertThat(file.share(0)).isEmpty();
    }
  }

  @Test
  void whatWasReadAheadIsNotDoneYet() throws Exception {
    Path lines = Files.writeString(folder.resolve("a"), "1\n2\n3\n4\n");
    try (OperationFile file = OperationFile.open(lines)) {
      assertThat(file.lines().readAllBytes()).hasSize(8);
      assertThat(file.share(0)).hasValue(0.0);
      assertThat(file.share(1)).hasValue(0.25);
      assertThat(file.share(4)).hasValue(1.0);
    }
  }

  @Test
  void whatCannotBeReadIsNamed() {
    assertFails(folder, ExitCode.NO_INPUT, "cannot read " + folder + ": is a folder");
    Path none = folder.resolve("none");
    assertFails(none, ExitCode.NO_INPUT, "there is no file " + none);
  }

  @Test
  void aPackedFileThatIsCutInItsHeadIsNamed() throws Exception {
    Path cut = Files.write(folder.resolve("cut"), new byte[] {0x1f, (byte) 0x8b, 8});
    assertFails(cut, ExitCode.DATA, cut + " is gzip, and damaged or cut");
  }

  @Test
  void whatIsCutInItsHeadIsClosed() {
    AtomicInteger closed = new AtomicInteger();
    InputStream cut =
        new ByteArrayInputStream(new byte[] {0x1f, (byte) 0x8b, 8}) {
          @Override
          public void close() throws IOException {
            closed.incrementAndGet();
            throw new IOException("not even that");
          }
        };
    assertThatExceptionOfType(EOFException.class)
        .isThrownBy(() -> OperationFile.of(cut, 3))
        .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
    assertThat(closed).hasValue(1);
  }

  private static void assertFails(Path file, int exitCode, String message) {
    CommandFailure failure =
        catchThrowableOfType(CommandFailure.class, () -> OperationFile.open(file));
    assertThat(failure.exitCode()).isEqualTo(exitCode);
    assertThat(failure).hasMessage(message);
  }
}
