package io.oplog.protocol;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.exc.UnexpectedEndOfInputException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

/** How Jackson is used here: streaming, strict, UTF-8 only, all limits ours. */
final class Json {
  private static final Pattern PLACE = Pattern.compile("\\s*\\([^()]*\\[Source.*", Pattern.DOTALL);

  private final JsonFactory factory;

  /** Each instance has its own table of names, so that one producer's keys never slow another. */
  Json(int maxDepth) {
    this.factory =
        JsonFactory.builder()
            .streamReadConstraints(constraints(maxDepth))
            .recyclerPool(JsonRecyclerPools.threadLocalPool())
            .disable(TokenStreamFactory.Feature.CHARSET_DETECTION) // NULs would pass for UTF-16
            .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
            .disable(TokenStreamFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
            .build();
  }

  private static StreamReadConstraints constraints(int maxDepth) {
    return StreamReadConstraints.builder()
        .maxNestingDepth(maxDepth)
        .maxNumberLength(Integer.MAX_VALUE) // unknown keys may hold whatever fits the operation
        .maxStringLength(Integer.MAX_VALUE)
        .maxNameLength(Integer.MAX_VALUE)
        .build();
  }

  JsonParser open(byte[] bytes, int from, int to) {
    return factory.createParser(ObjectReadContext.empty(), bytes, from, to - from);
  }

  JsonParser open(String text) {
    return factory.createParser(ObjectReadContext.empty(), text);
  }

  static String reason(JacksonException e) {
    return "not valid JSON: " + Quoted.printable(words(e));
  }

  /** Without the places in the source that some messages name: they are not ours to show. */
  private static String words(JacksonException e) {
    if (e instanceof UnexpectedEndOfInputException) {
      return "it ends too soon";
    }
    String message = String.valueOf(e.getOriginalMessage());
    return message.contains("[Source") ? PLACE.matcher(message).replaceAll("") : message;
  }

  /** The token in words for a message. */
  static String nameOf(@Nullable JsonToken token) {
    if (token == null) {
      return "nothing";
    }
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_STRING -> "a string";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
      case VALUE_TRUE, VALUE_FALSE -> "a boolean";
      case VALUE_NULL -> "null";
      default -> "the end of a list or object";
    };
  }
}
