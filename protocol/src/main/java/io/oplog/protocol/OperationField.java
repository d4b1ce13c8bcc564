package io.oplog.protocol;

import java.util.Locale;

/** The keys that mean something; every other one is passed over. */
enum OperationField {
  EVENT(1),
  TYPE(2),
  ID(4),
  PARENTS(8),
  TIMESTAMP(16),
  REF(32),
  UNKNOWN(0);

  private static final OperationField[] PRODUCERS = {EVENT, TYPE, ID, PARENTS, TIMESTAMP};

  private final int bit;
  private final String wireName = name().toLowerCase(Locale.ROOT);

  OperationField(int bit) {
    this.bit = bit;
  }

  /** Its place in a set of the keys that were met; none for the unknown, which may repeat. */
  int bit() {
    return bit;
  }

  String wireName() {
    return wireName;
  }

  /** The field of a key that a producer wrote, in any case. */
  static OperationField ofProducer(String key) {
    return switch (key) {
      case "event" -> EVENT;
      case "type" -> TYPE;
      case "id" -> ID;
      case "parents" -> PARENTS;
      case "timestamp" -> TIMESTAMP;
      default -> ignoringCase(key);
    };
  }

  private static OperationField ignoringCase(String key) {
    for (OperationField field : PRODUCERS) {
      if (Ascii.equalsIgnoreCase(key, field.wireName)) {
        return field;
      }
    }
    return UNKNOWN;
  }

  /** The field of a key in an event's data, as a server writes it. */
  static OperationField ofServer(String key) {
    return switch (key) {
      case "timestamp" -> TIMESTAMP;
      case "parents" -> PARENTS;
      case "type" -> TYPE;
      case "id" -> ID;
      case "ref" -> REF;
      default -> UNKNOWN;
    };
  }
}
