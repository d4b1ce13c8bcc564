package io.oplog.server.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;
import org.junit.jupiter.api.Test;

class GzipMembersTest {

  private static byte[] packed(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(UTF_8));
    }
    return bytes.toByteArray();
  }

  private static byte[] two() throws IOException {
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    both.write(packed("one\n".repeat(100_000)));
    both.write(packed("two\n"));
    return both.toByteArray();
  }

  private static String unpacked(byte[] bytes) throws IOException {
    try (InputStream in = new GzipMembers(new ByteArrayInputStream(bytes))) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  @Test
  void membersFollowEachOther() throws IOException {
    assertThat(unpacked(two())).isEqualTo("one\n".repeat(100_000) + "two\n");
    assertThat(unpacked(packed(""))).isEmpty();
  }

  /** The JDK's stream takes each cut after the first member for the end. */
  @Test
  void aCutAnywhereIsAnError() throws IOException {
    byte[] two = two();
    int first = packed("one\n".repeat(100_000)).length;
    for (int length = 0; length < two.length; length++) {
      byte[] cut = Arrays.copyOf(two, length);
      if (length != first) {
        assertThatExceptionOfType(EOFException.class).isThrownBy(() -> unpacked(cut));
      }
    }
  }

  @Test
  void whatIsNoMemberAfterOneIsAnError() throws IOException {
    byte[] two = two();
    int first = packed("one\n".repeat(100_000)).length;
    two[first] ^= 1;
    assertThatExceptionOfType(ZipException.class).isThrownBy(() -> unpacked(two));
    byte[] wrong = packed("text");
    wrong[wrong.length - 6] ^= 1;
    assertThatExceptionOfType(ZipException.class).isThrownBy(() -> unpacked(wrong));
  }

  @Test
  void anInputThatFailsBetweenMembersIsAnError() throws IOException {
    InputStream failing =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("cut");
          }

          @Override
          public int read(byte[] bytes, int from, int size) throws IOException {
            throw new IOException("cut");
          }
        };
    InputStream in = new SequenceInputStream(new ByteArrayInputStream(packed("one\n")), failing);
    assertThatIOException().isThrownBy(() -> new GzipMembers(in).readAllBytes()).withMessage("cut");
  }
}
