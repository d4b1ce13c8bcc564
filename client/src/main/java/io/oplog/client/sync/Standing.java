package io.oplog.client.sync;

import io.oplog.protocol.EventId;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where syncing a log stands, as the log itself remembers it: the token of a source, stored
 * together with each batch. So what is left to do after a batch is known as soon as the batch is
 * there, to whoever runs next.
 *
 * @param unfinished batches that may have overwritten something, the newest first
 * @param nonce tells each token from every other
 */
record Standing(List<Window> unfinished, long nonce) {
  private static final String NAME = "sync1";
  private static final Pattern TOKEN =
      Pattern.compile(NAME + "((?:\\+[0-9a-f]{24}-\\d{1,9}-[0-9a-f]{16})*):([0-9a-f]{16})");
  private static final Pattern WINDOW =
      Pattern.compile("\\+([0-9a-f]{24})-(\\d{1,9})-([0-9a-f]{16})");

  /** As many as a token of 1,024 characters holds. */
  static final int MOST_WINDOWS = 18;

  Standing {
    unfinished = List.copyOf(unfinished);
  }

  static Standing of(List<Window> unfinished) {
    return new Standing(unfinished, ThreadLocalRandom.current().nextLong());
  }

  /**
   * Reads a token.
   *
   * @throws TryAgainException when it is not one of ours
   */
  static Standing parse(String token) throws TryAgainException {
    Matcher matcher = TOKEN.matcher(token);
    if (!matcher.matches()) {
      throw new TryAgainException(
          "the source " + Sync.SOURCE + " was moved by something else: it stands at " + token);
    }
    List<Window> windows = new ArrayList<>();
    Matcher window = WINDOW.matcher(matcher.group(1));
    while (window.find()) {
      windows.add(
          new Window(
              EventId.parse(window.group(1)),
              Integer.parseInt(window.group(2)),
              HexFormat.fromHexDigitsToLong(window.group(3))));
    }
    return new Standing(windows, HexFormat.fromHexDigitsToLong(matcher.group(2)));
  }

  String token() {
    StringBuilder token = new StringBuilder(NAME);
    for (Window window : unfinished) {
      token.append('+').append(window.after()).append('-').append(window.count());
      token.append('-').append(HexFormat.of().toHexDigits(window.hash()));
    }
    return token.append(':').append(HexFormat.of().toHexDigits(nonce)).toString();
  }
}
