package io.oplog.protocol;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Reads the fields of one JSON object. Thread-confined, reusable. */
final class OperationParser {
  private static final long ABSENT = Rfc3339.INVALID;

  private final OperationLimits limits;
  private int seen;
  private @Nullable OperationKind kind;
  private @Nullable String type;
  private @Nullable String id;
  private @Nullable String ref;
  private List<String> parents = List.of();
  private long timestamp;

  OperationParser(OperationLimits limits) {
    this.limits = limits;
  }

  /**
   * Reads what a producer sends. The parser stands at the object's start and is left at its end.
   *
   * @param receiptMillis the timestamp of an operation that brings none
   */
  Operation parse(JsonParser parser, long receiptMillis) throws InvalidOperationException {
    clear();
    requireObject(parser.currentToken());
    for (String key = parser.nextName(); key != null; key = parser.nextName()) {
      readField(parser, OperationField.ofProducer(key));
    }
    return operation(required(kind, "event"), receiptMillis);
  }

  /**
   * Reads how an object is, as a producer's dump says it: the fields of an operation, of which the
   * timestamp must be there and the event need not; what exists is never a delete.
   */
  Operation parseState(JsonParser parser) throws InvalidOperationException {
    clear();
    requireObject(parser.currentToken());
    for (String key = parser.nextName(); key != null; key = parser.nextName()) {
      readField(parser, OperationField.ofProducer(key));
    }
    if (kind == OperationKind.DELETE) {
      throw new InvalidOperationException("an object that exists is not a delete");
    }
    return operation(OperationKind.INSERT, required(timestampOrNull(), "timestamp"));
  }

  private @Nullable Long timestampOrNull() {
    return timestamp == ABSENT ? null : timestamp;
  }

  /** Reads the data of an event that a server sends, where the kind stands outside. */
  Operation parseData(JsonParser parser, OperationKind outerKind) throws InvalidOperationException {
    clear();
    requireObject(parser.currentToken());
    for (String key = parser.nextName(); key != null; key = parser.nextName()) {
      readField(parser, OperationField.ofServer(key));
    }
    if (timestamp == ABSENT) {
      throw new InvalidOperationException("timestamp is missing");
    }
    return operation(outerKind, timestamp);
  }

  /** The reference of the object read last, if it had one. */
  @Nullable String ref() {
    return ref;
  }

  private void clear() {
    seen = 0;
    kind = null;
    type = null;
    id = null;
    ref = null;
    parents = List.of();
    timestamp = ABSENT;
  }

  private static void requireObject(@Nullable JsonToken token) throws InvalidOperationException {
    if (token != JsonToken.START_OBJECT) {
      throw new InvalidOperationException(
          "an operation is a JSON object, not " + Json.nameOf(token));
    }
  }

  private Operation operation(OperationKind givenKind, long receiptMillis)
      throws InvalidOperationException {
    return new Operation(
        givenKind,
        required(type, "type"),
        required(id, "id"),
        parents,
        timestamp == ABSENT ? receiptMillis : timestamp);
  }

  private static <T> T required(@Nullable T value, String name) throws InvalidOperationException {
    if (value == null) {
      throw new InvalidOperationException(name + " is missing");
    }
    return value;
  }

  private void readField(JsonParser parser, OperationField field) throws InvalidOperationException {
    requireOnce(field);
    switch (field) {
      case EVENT -> kind = kindOf(string(parser, "event"));
      case TYPE -> type = typeOf(string(parser, "type"));
      case ID -> id = limited(string(parser, "id"), "id", limits.maxIdBytes());
      case PARENTS -> readParents(parser);
      case TIMESTAMP -> readTimestamp(parser);
      case REF -> ref = string(parser, "ref");
      case UNKNOWN -> skipValue(parser);
    }
  }

  private void requireOnce(OperationField field) throws InvalidOperationException {
    if ((seen & field.bit()) != 0) {
      throw new InvalidOperationException(field.wireName() + " is given twice");
    }
    seen |= field.bit();
  }

  private static OperationKind kindOf(String event) throws InvalidOperationException {
    OperationKind kind = OperationKind.ofWireName(event);
    if (kind == null) {
      throw new InvalidOperationException(
          "event must be insert, update or delete: " + Quoted.of(event));
    }
    return kind;
  }

  private String typeOf(String text) throws InvalidOperationException {
    String lower = limited(TypeName.lowerCase(text), "type", limits.maxTypeBytes());
    if (!TypeName.isAllowed(lower)) {
      throw new InvalidOperationException(
          "type must have no '/', no ',' and no control character: " + Quoted.of(text));
    }
    return lower;
  }

  private void readTimestamp(JsonParser parser) throws InvalidOperationException {
    String text = stringOrNull(parser, "timestamp");
    if (text != null) {
      timestamp = Rfc3339.parseOrInvalid(text);
      if (timestamp == Rfc3339.INVALID) {
        throw new InvalidOperationException(
            "timestamp must be RFC 3339 with upper-case T and Z, in the years 0000 to 9999 of UTC: "
                + Quoted.of(text));
      }
    }
  }

  private void readParents(JsonParser parser) throws InvalidOperationException {
    JsonToken token = parser.nextToken();
    if (token == JsonToken.VALUE_NULL) {
      return;
    }
    if (token != JsonToken.START_ARRAY) {
      throw mustBe("parents", "a list of strings", token);
    }
    List<String> list = new ArrayList<>(4);
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      list.add(parent(parser, list.size() + 1));
    }
    parents = list;
  }

  private String parent(JsonParser parser, int number) throws InvalidOperationException {
    if (number > limits.maxParents()) {
      throw new InvalidOperationException(
          "parents must have at most " + limits.maxParents() + " items: " + number + " or more");
    }
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw mustBe("parent " + number, "a string", parser.currentToken());
    }
    return limited(checked(parser.getString(), "a parent"), "a parent", limits.maxParentBytes());
  }

  private static String string(JsonParser parser, String name) throws InvalidOperationException {
    String text = parser.nextStringValue();
    if (text == null) {
      throw mustBe(name, "a string", parser.currentToken());
    }
    return checked(text, name);
  }

  private static @Nullable String stringOrNull(JsonParser parser, String name)
      throws InvalidOperationException {
    String text = parser.nextStringValue();
    if (text == null && parser.currentToken() != JsonToken.VALUE_NULL) {
      throw mustBe(name, "a string", parser.currentToken());
    }
    return text;
  }

  private static String checked(String text, String name) throws InvalidOperationException {
    if (text.isEmpty()) {
      throw new InvalidOperationException(name + " must not be empty");
    }
    if (Utf8.hasLoneSurrogate(text)) {
      throw new InvalidOperationException(name + " must not hold half of a surrogate pair");
    }
    return text;
  }

  private static String limited(String text, String name, int limit)
      throws InvalidOperationException {
    if (Utf8.longerThan(text, limit)) {
      throw new InvalidOperationException(
          name + " must have at most " + limit + " bytes: " + Utf8.length(text));
    }
    return text;
  }

  private static InvalidOperationException mustBe(
      String name, String what, @Nullable JsonToken token) {
    return new InvalidOperationException(name + " must be " + what + ", not " + Json.nameOf(token));
  }

  /** Passes over the value of an unknown key, whatever it is. */
  private void skipValue(JsonParser parser) throws InvalidOperationException {
    int depth = 1;
    do {
      depth += depthChange(parser.nextToken());
      if (depth > limits.maxDepth()) {
        throw new InvalidOperationException(
            "objects and lists must nest at most "
                + limits.maxDepth()
                + " deep: "
                + depth
                + " or more");
      }
    } while (depth > 1);
  }

  static int depthChange(@Nullable JsonToken token) {
    if (token == null) {
      return 0;
    }
    return token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
  }
}
