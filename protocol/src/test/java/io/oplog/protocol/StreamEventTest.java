package io.oplog.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class StreamEventTest {
  private static final String ID = "6920c0de0001000000000a2f";
  private static final String DATA =
      "{\"timestamp\":\"2014-11-06T11:04:39.041Z\",\"parents\":[\"user/x1\"],\"type\":\"video\","
          + "\"id\":\"xekw\"}";

  private static StreamEvent decode(String type, String data) {
    return StreamEvent.decode(new SseEvent(ID, type, data));
  }

  @ParameterizedTest
  @EnumSource
  void operationsAreDecoded(OperationKind kind) {
    assertThat(decode(kind.wireName(), DATA))
        .isEqualTo(
            new StreamEvent.Change(
                EventId.parse(ID),
                new Operation(kind, "video", "xekw", List.of("user/x1"), Inputs.RECEIPT),
                null));
  }

  @Test
  void aReferenceIsDecoded() {
    String data = DATA.replace("}", ",\"ref\":\"http://h/video/xekw\",\"new\":{}}");
    assertThat(decode("insert", data))
        .isInstanceOfSatisfying(
            StreamEvent.Change.class, c -> assertThat(c.ref()).isEqualTo("http://h/video/xekw"));
  }

  @Test
  void controlEventsAreDecoded() {
    EventId id = EventId.parse(ID);
    assertThat(decode("live", "{}")).isEqualTo(new StreamEvent.Live(id));
    assertThat(decode("progress", "{}")).isEqualTo(new StreamEvent.Progress(id));
    assertThat(decode("reset", "{\"x\":[{}],\"reason\":\"requested\"}"))
        .isEqualTo(new StreamEvent.Reset(id, "requested"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "x", "[]", "{\"reason\":1}", "{\"reason\""})
  void aResetIsHeardWhateverItsDataAre(String data) {
    assertThat(decode("reset", data)).isEqualTo(new StreamEvent.Reset(EventId.parse(ID), ""));
  }

  @Test
  void anEventOfAnUnknownTypeIsHandedOver() {
    SseEvent event = new SseEvent("", "message", "x");
    assertThat(StreamEvent.decode(event)).isEqualTo(new StreamEvent.Unknown(event));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "{}", "[]", "{\"type\":\"a\",\"id\":\"b\"}", "null"})
  void anOperationThatCannotBeReadIsRefusedWithItsId(String data) {
    assertThatThrownBy(() -> decode("insert", data))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("event \"" + ID + "\": ");
  }

  @Test
  void anEventWithoutAnIdIsRefused() {
    assertThatThrownBy(() -> StreamEvent.decode(new SseEvent("", "live", "{}")))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
