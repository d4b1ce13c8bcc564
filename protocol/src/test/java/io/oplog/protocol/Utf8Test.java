package io.oplog.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Utf8Test {
  private final CharsetDecoder strict = StandardCharsets.UTF_8.newDecoder();

  private boolean isValid(byte[] bytes) {
    CharBuffer out = CharBuffer.allocate(bytes.length);
    return !strict.reset().decode(ByteBuffer.wrap(bytes), out, true).isError();
  }

  private void assertAgrees(byte[] bytes) {
    if ((Utf8.invalidAt(bytes, 0, bytes.length) < 0) != isValid(bytes)) {
      assertThat(Utf8.invalidAt(bytes, 0, bytes.length) < 0)
          .as(Arrays.toString(bytes))
          .isEqualTo(isValid(bytes));
    }
  }

  @Test
  void everyLeadByteWithEverySecondByteAgreesWithTheJdk() {
    int[] rest = {0x00, 0x7f, 0x80, 0xbf, 0xc0};
    for (int lead = 0; lead < 256; lead++) {
      assertAgrees(new byte[] {(byte) lead});
      for (int second = 0; second < 256; second++) {
        assertAgrees(new byte[] {(byte) lead, (byte) second});
        for (int third : rest) {
          assertAgrees(new byte[] {(byte) lead, (byte) second, (byte) third});
          for (int fourth : rest) {
            assertAgrees(new byte[] {(byte) lead, (byte) second, (byte) third, (byte) fourth});
          }
        }
      }
    }
  }

  @Test
  void theFirstBadByteIsFoundAtEachPlace() {
    for (int length = 1; length < 40; length++) {
      for (int bad = 0; bad < length; bad++) {
        byte[] bytes = new byte[length + 2];
        Arrays.fill(bytes, (byte) 'a');
        bytes[0] = (byte) 0xff; // before the range
        bytes[length + 1] = (byte) 0xff; // after it
        assertThat(Utf8.invalidAt(bytes, 1, length + 1)).isEqualTo(-1);
        bytes[1 + bad] = (byte) 0x80;
        assertThat(Utf8.invalidAt(bytes, 1, length + 1)).isEqualTo(1 + bad);
      }
    }
  }

  @Test
  void randomBytesAgreeWithTheJdk() {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("randomBytesAgreeWithTheJdk: -Dseed=" + seed);
    Random random = new Random(seed);
    RandomOperations texts = new RandomOperations(seed);
    for (int i = 0; i < 100_000; i++) {
      byte[] bytes = texts.text().getBytes(StandardCharsets.UTF_8);
      assertAgrees(bytes);
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      assertAgrees(bytes);
    }
  }

  @Test
  void lengthsAreThoseOfTheBytes() {
    for (String text :
        new String[] {"", "a", "é", "€", "😀", "aé€😀b\u0000\u007f\u0080\u07ff\u0800"}) {
      int length = text.getBytes(StandardCharsets.UTF_8).length;
      assertThat(Utf8.length(text)).isEqualTo(length);
      assertThat(Utf8.longerThan(text, length)).isFalse();
      assertThat(Utf8.longerThan(text, length - 1)).isEqualTo(length > 0);
    }
  }
}
