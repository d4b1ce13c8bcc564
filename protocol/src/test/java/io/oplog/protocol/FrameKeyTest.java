package io.oplog.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FrameKeyTest {

  @Test
  void aProbeFindsWhatWasPutIn() {
    Map<FrameKey, Integer> map = new HashMap<>();
    byte[] bytes = new byte[100];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i * 7);
    }
    for (int length = 0; length < 40; length++) {
      map.put(FrameKey.of(bytes, 3, 3 + length), length);
    }
    byte[] moved = new byte[100];
    System.arraycopy(bytes, 3, moved, 11, 80);
    FrameKey probe = FrameKey.probe();
    for (int length = 0; length < 40; length++) {
      assertThat(map.get(probe.reset(moved, 11, 11 + length))).isEqualTo(length);
    }
    assertThat(map.get(probe.reset(moved, 10, 20))).isNull();
  }

  @Test
  void aTextIsEscapedAsInAFrame() {
    FrameKey key = FrameKey.of("a\n\u2028\"😀");
    byte[] raw = Inputs.utf8("a\\n\\u2028\\\"😀");
    assertThat(key).isEqualTo(FrameKey.probe().reset(raw, 0, raw.length));
    assertThat(key).hasToString("a\n\u2028\"😀");
  }

  @Test
  void keysAreOrderedByUnsignedBytes() {
    assertThat(FrameKey.of("a")).isLessThan(FrameKey.of("ab")).isLessThan(FrameKey.of("é"));
  }
}
