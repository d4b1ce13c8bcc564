package io.oplog.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ControlFramesTest {
  private static final EventId ID = EventId.parse("6920c0de0001000000000a2f");

  @Test
  void everyFrameHasAnIdAnEventAndData() {
    assertThat(ControlFrames.live(ID))
        .asString()
        .isEqualTo("id: 6920c0de0001000000000a2f\nevent: live\ndata: {}\n\n");
    assertThat(ControlFrames.progress(ID))
        .asString()
        .isEqualTo("id: 6920c0de0001000000000a2f\nevent: progress\ndata: {}\n\n");
    assertThat(ControlFrames.reset(ID, "requested"))
        .asString()
        .isEqualTo(
            "id: 6920c0de0001000000000a2f\nevent: reset\ndata: {\"reason\":\"requested\"}\n\n");
  }

  @Test
  void aReasonCannotBreakAFrame() {
    assertThat(ControlFrames.reset(ID, "a\n\"b"))
        .asString()
        .endsWith("data: {\"reason\":\"a\\n\\\"b\"}\n\n");
  }

  @Test
  void aHeartbeatHasNoBlankLine() {
    assertThat(ControlFrames.heartbeat()).asString().isEqualTo(":\n");
  }
}
