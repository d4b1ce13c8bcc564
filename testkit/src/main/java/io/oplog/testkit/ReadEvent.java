package io.oplog.testkit;

import io.oplog.protocol.EventId;
import io.oplog.protocol.FrameFields;
import io.oplog.protocol.Frames;
import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationKind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A frame, decoded. */
public record ReadEvent(EventId id, Operation operation) {

  /** All frames. */
  public static List<ReadEvent> of(Frames frames) {
    List<ReadEvent> events = new ArrayList<>();
    for (int i = 0; i < frames.count(); i++) {
      events.add(of(frames.bytes(), frames.start(i), frames.ends()[i]));
    }
    return events;
  }

  private static ReadEvent of(byte[] bytes, int start, int end) {
    int id = start + "id: ".length();
    String text = new String(bytes, id, EventId.LENGTH, StandardCharsets.US_ASCII);
    return new ReadEvent(
        EventId.parse(text), new FrameFields().reset(bytes, start, end).operation());
  }

  public long sequence() {
    return id.sequence();
  }

  public long seconds() {
    return id.seconds();
  }

  public OperationKind kind() {
    return operation.kind();
  }

  /** Type and id. */
  public String object() {
    return operation.type() + "/" + operation.id();
  }

  /** As in {@code 7 delete video/x1}. */
  @Override
  public String toString() {
    return sequence() + " " + kind().wireName() + " " + object();
  }
}
