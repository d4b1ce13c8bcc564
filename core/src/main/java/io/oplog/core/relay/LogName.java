package io.oplog.core.relay;

import java.util.HexFormat;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * By what a sink knows a log, as the log keeps it. Each run of the process marks its positions with
 * a tag of its own, so that two copies of a log, which may well give out the same ids, are told
 * apart: each has begun to use a tag that the other cannot know.
 *
 * @param name the source's name
 * @param tag of the positions that the newest run gives out
 * @param before the tag of the position that the sink had when that run began
 */
record LogName(String name, String tag, String before) {
  /** The tag of no position. */
  static final String NONE = "none";

  private static final Pattern TEXT = Pattern.compile("(log-[0-9a-f-]+):([0-9a-z]+):([0-9a-z]+)");

  /** One that no sink knows. */
  static LogName fresh() {
    return new LogName("log-" + UUID.randomUUID(), newTag(), NONE);
  }

  private static String newTag() {
    return HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
  }

  /** The same for another run, which begins where the sink has a position of a tag. */
  LogName next(String stored) {
    return new LogName(name, newTag(), stored);
  }

  /**
   * Reads what {@link #toString} has written.
   *
   * @throws IllegalArgumentException when it has not
   */
  static LogName parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("not the name of a log: " + text);
    }
    return new LogName(matcher.group(1), matcher.group(2), matcher.group(3));
  }

  @Override
  public String toString() {
    return name + ":" + tag + ":" + before;
  }
}
