package io.oplog.connector.mongodb;

import io.oplog.connector.document.ChangeTime;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * A place in a change stream: the time of the last change before it, and the server's own token for
 * it, as base64url. An oplog that is read entry by entry has none; and a token holds the document's
 * id, so it may be longer than a position may be. Then it is left out, and the time alone says
 * where to go on: every change of one cluster time comes in the same order each time it is read.
 *
 * @param token empty where there is none
 */
record Position(ChangeTime time, String token) {
  private static final Pattern FORM =
      Pattern.compile("([0-9a-f]{16})([0-9a-f]{8})-([A-Za-z0-9_-]*)");
  private static final int AFTER_ALL = Integer.MAX_VALUE;
  private static final int MOST_CHARS = 1024;
  private static final int TIME_CHARS = 25;
  private static final String DATA = "_data";

  /** The place after a change, as the server calls it. */
  static Position of(ChangeTime time, @Nullable BsonDocument resumeToken) {
    String token = resumeToken == null ? "" : packed(resumeToken);
    return new Position(time, token.length() > MOST_CHARS - TIME_CHARS ? "" : token);
  }

  /** The place after all changes of a cluster time, however many they are. */
  static Position afterAllOf(long clusterTime) {
    return of(new ChangeTime(clusterTime, AFTER_ALL), null);
  }

  boolean isAfterAllOfItsTime() {
    return time.index() == AFTER_ALL;
  }

  /** Empty for what is no position of this kind. */
  static Optional<Position> parse(String text) {
    Matcher form = FORM.matcher(text);
    if (text.length() > MOST_CHARS || !form.matches() || !isBase64(form.group(3))) {
      return Optional.empty();
    }
    long clusterTime = Long.parseUnsignedLong(form.group(1), 16);
    int index = Integer.parseUnsignedInt(form.group(2), 16);
    return Optional.of(new Position(new ChangeTime(clusterTime, index), form.group(3)));
  }

  private static boolean isBase64(String text) {
    try {
      byte[] _ = Base64.getUrlDecoder().decode(text);
      return true;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  /** Half as long as the server's hex digits. */
  private static String packed(BsonDocument resumeToken) {
    BsonValue data = resumeToken.get(DATA);
    try {
      return data == null || !data.isString()
          ? ""
          : Base64.getUrlEncoder()
              .withoutPadding()
              .encodeToString(HexFormat.of().parseHex(data.asString().getValue()));
    } catch (IllegalArgumentException _) {
      return "";
    }
  }

  /** The server's token. Only where there is one. */
  BsonDocument resumeToken() {
    byte[] data = Base64.getUrlDecoder().decode(token);
    return new BsonDocument(DATA, new BsonString(HexFormat.of().withUpperCase().formatHex(data)));
  }

  @Override
  public String toString() {
    return time + "-" + token;
  }
}
