package io.oplog.client.mirror;

import io.oplog.protocol.EventId;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a mirror stands: {@code EVENTID GENERATION STATE}.
 *
 * @param isResetting whether what exists is still being told, and older objects are not yet removed
 */
record MirrorCheckpoint(EventId id, long generation, boolean isResetting) {
  private static final Pattern FORM = Pattern.compile("([0-9a-f]{24}) (\\d{1,18}) (live|reset)");

  static final MirrorCheckpoint NONE = new MirrorCheckpoint(EventId.ZERO, 0, false);

  /**
   * Reads its text.
   *
   * @throws IllegalArgumentException when it is none
   */
  static MirrorCheckpoint parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException("'" + text + "' is no checkpoint of a mirror");
    }
    return new MirrorCheckpoint(
        EventId.parse(form.group(1)), Long.parseLong(form.group(2)), form.group(3).equals("reset"));
  }

  MirrorCheckpoint at(EventId later) {
    return new MirrorCheckpoint(later, generation, isResetting);
  }

  /** A reset begins a generation. */
  MirrorCheckpoint reset(EventId later) {
    return new MirrorCheckpoint(later, generation + 1, true);
  }

  MirrorCheckpoint live(EventId later) {
    return new MirrorCheckpoint(later, generation, false);
  }

  @Override
  public String toString() {
    return id + " " + generation + (isResetting ? " reset" : " live");
  }
}
