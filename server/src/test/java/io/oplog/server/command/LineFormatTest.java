package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.protocol.SseEvent;
import org.junit.jupiter.api.Test;

class LineFormatTest {
  private static final String ID = "6920c0de0001000000000a2f";

  private static String line(LineFormat format, String type, String data) {
    return format.line(new SseEvent(ID, type, data));
  }

  @Test
  void jsonLinesAreWhatAProducerSendsAndTheId() {
    String data =
        "{\"timestamp\":\"2014-11-06T11:04:39.041Z\",\"parents\":[],\"type\":\"t\",\"id\":\"x\"}";
    assertThat(line(LineFormat.JSON, "delete", data))
        .isEqualTo("{\"event\":\"delete\",\"event_id\":\"" + ID + "\"," + data.substring(1));
    assertThat(line(LineFormat.JSON, "live", "{}"))
        .isEqualTo("{\"event\":\"live\",\"event_id\":\"" + ID + "\"}");
  }

  @Test
  void linesForPeopleNameTheObjectAndItsParents() {
    String data =
        "{\"timestamp\":\"2014-11-06T11:04:39.041Z\",\"parents\":[\"a/b\",\"c\"],\"type\":\"t\",\"id\":\"x\","
            + "\"ref\":\"http://r\"}";
    assertThat(line(LineFormat.TEXT, "update", data))
        .isEqualTo(ID + " update  2014-11-06T11:04:39.041Z  t/x  [a/b, c]  http://r");
    assertThat(line(LineFormat.TEXT, "reset", "{\"reason\":\"requested\"}"))
        .isEqualTo(ID + " reset   requested");
  }

  @Test
  void nothingAProducerSendsCommandsTheTerminal() {
    String data =
        "{\"timestamp\":\"2014-11-06T11:04:39.041Z\",\"parents\":[],\"type\":\"t\",\"id\":\"\\u001b[2J\\n\"}";
    assertThat(line(LineFormat.TEXT, "insert", data)).endsWith("t/\\u001b[2J\\u000a");
  }
}
