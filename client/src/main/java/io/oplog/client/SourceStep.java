package io.oplog.client;

import java.util.Optional;

/**
 * A source's step from one position to the next: sent with a batch, so that the batch is stored
 * exactly once however often it is sent.
 *
 * @param source the source's name; like the positions visible ASCII without {@code ;} and {@code ,}
 * @param from what the server holds now; empty where it holds nothing
 * @param to what it holds afterwards
 */
public record SourceStep(String source, Optional<String> from, String to) {
  static final String HEADER = "Oplog-Source";

  public SourceStep {
    requireToken("source", source);
    from.ifPresent(token -> requireToken("from", token));
    requireToken("to", to);
  }

  static void requireToken(String name, String token) {
    if (!token.matches("[\\x21-\\x7e&&[^;,]]{1,1024}")) {
      throw new IllegalArgumentException(
          "must be 1 to 1024 visible ASCII characters without ; and , : " + name + "=" + token);
    }
  }

  String header() {
    return source + from.map(token -> "; from=" + token).orElse("") + "; to=" + to;
  }

  /** The position in the header of a conflict. */
  static Optional<String> stored(String header) {
    for (String part : header.split(";", -1)) {
      String stripped = part.strip();
      if (stripped.startsWith("to=")) {
        return Optional.of(stripped.substring("to=".length()));
      }
    }
    return Optional.empty();
  }
}
