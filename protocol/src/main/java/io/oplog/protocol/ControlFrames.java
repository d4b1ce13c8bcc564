package io.oplog.protocol;

import java.nio.charset.StandardCharsets;

/** The frames that are no operations. Each has data, since browsers drop events that have none. */
public final class ControlFrames {
  private static final byte[] HEARTBEAT = {':', '\n'};

  private ControlFrames() {}

  /**
   * A comment without a blank line after it: some clients make an empty event of a blank line. A
   * new array.
   */
  public static byte[] heartbeat() {
    return HEARTBEAT.clone();
  }

  /** The order of positions starts anew, and what the consumer holds is void. */
  public static byte[] reset(EventId id, String reason) {
    String text = new String(JsonText.escape(reason), StandardCharsets.UTF_8);
    return frame(id, "reset", "{\"reason\":\"" + text + "\"}");
  }

  /** The consumer has all up to this position, and operations follow. */
  public static byte[] live(EventId id) {
    return frame(id, "live", "{}");
  }

  /** The consumer has all up to this position that its filter lets through. */
  public static byte[] progress(EventId id) {
    return frame(id, "progress", "{}");
  }

  private static byte[] frame(EventId id, String event, String data) {
    return ("id: " + id + "\nevent: " + event + "\ndata: " + data + "\n\n")
        .getBytes(StandardCharsets.UTF_8);
  }
}
