package io.oplog.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FrameEncoderTest {
  private static final Operation EXAMPLE =
      new Operation(OperationKind.UPDATE, "video", "xekw", List.of("user/x1"), Inputs.RECEIPT);

  private final FrameEncoder encoder = new FrameEncoder();

  private static String text(Frames frames, int index) {
    int start = frames.start(index);
    return new String(frames.bytes(), start, frames.ends()[index] - start, StandardCharsets.UTF_8);
  }

  private String encode(String type, String id, String... parents) {
    encoder.add(new Operation(OperationKind.INSERT, type, id, List.of(parents), 0));
    return text(encoder.take(), 0);
  }

  @Test
  void theExampleOfTheProtocolIsWrittenWithABlankId() {
    encoder.add(EXAMPLE);
    assertThat(text(encoder.take(), 0))
        .isEqualTo(
            "id: 000000000000000000000000\n"
                + "event: update\n"
                + "data: {\"timestamp\":\"2014-11-06T11:04:39.041Z\",\"parents\":[\"user/x1\"],"
                + "\"type\":\"video\",\"id\":\"xekw\"}\n\n");
  }

  @Test
  void theIdIsPutInPlace() {
    encoder.add(EXAMPLE);
    Frames frames = encoder.take();
    EventId id = EventId.parse("6920c0de0001000000000a2f");
    Frame.putId(frames.bytes(), 0, id.seconds(), id.incarnation(), id.sequence());
    assertThat(text(frames, 0)).startsWith("id: 6920c0de0001000000000a2f\nevent: update\n");
    assertThat(Frame.seconds(frames.bytes(), 0)).isEqualTo(id.seconds());
    assertThat(Frame.sequence(frames.bytes(), 0)).isEqualTo(id.sequence());
  }

  @ParameterizedTest
  @EnumSource
  void theKindIsReadAndReplaced(OperationKind kind) {
    encoder.add(EXAMPLE);
    Frames frames = encoder.take();
    Frame.putKind(frames.bytes(), 0, kind);
    assertThat(Frame.kind(frames.bytes(), 0)).isEqualTo(kind);
    assertThat(text(frames, 0)).contains("\nevent: " + kind.wireName() + "\n");
  }

  @Test
  void parentsAreAListThatMayBeEmpty() {
    assertThat(encode("t", "i")).contains("\"parents\":[],\"type\"");
    assertThat(encode("t", "i", "a", "b/c")).contains("\"parents\":[\"a\",\"b/c\"],\"type\"");
  }

  @Test
  void escapesAreCanonical() {
    assertThat(encode("t", "\"\\/\n\r\t\b\f\u0000\u001f\u007f\u0080\u0085\u2028\u2029é€😀"))
        .contains(
            "\"id\":\"\\\"\\\\/\\n\\r\\t\\b\\f\\u0000\\u001f\u007f\u0080\\u0085\\u2028\\u2029é€😀\"}");
  }

  @Test
  void aThousandParentsThatAllNeedEscapesFit() {
    String frame = encode("t", "i", Collections.nCopies(1000, "\u0001").toArray(String[]::new));
    assertThat(frame).contains("[" + "\"\\u0001\",".repeat(999) + "\"\\u0001\"]");
  }

  @Test
  void framesStandBackToBack() {
    for (int i = 0; i < 1000; i++) {
      encoder.add(new Operation(OperationKind.INSERT, "t", "x".repeat(i), List.of(), 0));
    }
    assertThat(encoder.count()).isEqualTo(1000);
    Frames frames = encoder.take();
    assertThat(frames.count()).isEqualTo(1000);
    assertThat(frames.bytes()).hasSize(frames.length());
    assertThat(text(frames, 999)).startsWith("id: 0").endsWith("x\"}\n\n");
    assertThat(text(frames, 0)).endsWith("\"id\":\"\"}\n\n");
  }

  @Test
  void whatWasTakenStaysAsItIs() {
    encoder.add(EXAMPLE);
    Frames first = encoder.take();
    String before = text(first, 0);
    assertThat(encoder.take()).isSameAs(Frames.NONE);
    encode("other", "x");
    assertThat(text(first, 0)).isEqualTo(before);
  }

  @Test
  void whatIsClearedIsForgotten() {
    encoder.add(EXAMPLE);
    encoder.clear();
    assertThat(encoder.count()).isZero();
    assertThat(encoder.length()).isZero();
    assertThat(encoder.take().count()).isZero();
  }

  @Test
  void aFrameOfManyMegabytesIsWritten() {
    String id = "\u0001".repeat(1 << 20);
    assertThat(encode("t", id)).hasSizeGreaterThan(6 << 20);
    assertThat(encode("t", "i")).hasSizeLessThan(200);
  }
}
