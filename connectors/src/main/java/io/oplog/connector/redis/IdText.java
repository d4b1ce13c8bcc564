package io.oplog.connector.redis;

import java.math.BigDecimal;
import org.bson.BsonValue;

/**
 * An {@code _id} as the name of a document's channel, as Meteor's {@code MongoID.idStringify} gives
 * it. Meteor has no text for documents, dates and the like; theirs is EJSON, marked as numbers are.
 */
final class IdText {
  private static final int OBJECT_ID_LENGTH = 24;
  private static final String ESCAPE = "-";
  private static final String NOT_A_STRING = "~";
  private static final long MOST_EXACT = 1L << 53;

  private IdText() {}

  static String of(BsonValue id) {
    return switch (id.getBsonType()) {
      case OBJECT_ID -> id.asObjectId().getValue().toHexString();
      case STRING -> escaped(id.asString().getValue());
      case SYMBOL -> escaped(id.asSymbol().getSymbol());
      case UNDEFINED -> ESCAPE;
      case DOUBLE -> NOT_A_STRING + number(id.asDouble().getValue());
      case INT64 -> NOT_A_STRING + number(id.asInt64().getValue());
      default -> NOT_A_STRING + Ejson.text(id);
    };
  }

  private static String escaped(String id) {
    return looksLikeAnother(id) ? ESCAPE + id : id;
  }

  private static boolean looksLikeAnother(String id) {
    if (id.isEmpty()) {
      return false;
    }
    char first = id.charAt(0);
    return first == '-' || first == '~' || first == '{' || looksLikeObjectId(id);
  }

  private static boolean looksLikeObjectId(String id) {
    return id.length() == OBJECT_ID_LENGTH
        && id.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
  }

  /** All numbers of JavaScript are doubles. */
  private static String number(long value) {
    boolean isExact = value >= -MOST_EXACT && value <= MOST_EXACT;
    return isExact ? Long.toString(value) : number((double) value);
  }

  /** As JavaScript's {@code JSON.stringify} does. */
  static String number(double value) {
    if (!Double.isFinite(value)) {
      return "null";
    }
    if (value == 0) {
      return "0";
    }
    BigDecimal exact = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    int exponent = exact.precision() - exact.scale() - 1;
    return exponent >= -6 && exponent <= 20 ? exact.toPlainString() : scientific(exact, exponent);
  }

  private static String scientific(BigDecimal value, int exponent) {
    String significand = value.movePointLeft(exponent).toPlainString();
    return significand + (exponent < 0 ? "e-" : "e+") + Math.abs(exponent);
  }
}
