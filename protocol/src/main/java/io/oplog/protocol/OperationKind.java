package io.oplog.protocol;

import org.jspecify.annotations.Nullable;

/** What happened to an object. On the wire this is the field {@code event}, in lower case. */
public enum OperationKind {
  INSERT("insert"),
  UPDATE("update"),
  DELETE("delete");

  private final String wireName;

  OperationKind(String wireName) {
    this.wireName = wireName;
  }

  /** The lower-case name used in JSON and in SSE; six letters for each kind. */
  public String wireName() {
    return wireName;
  }

  /** The kind of that name, in any case, or null. */
  public static @Nullable OperationKind ofWireName(String name) {
    return switch (name) {
      case "insert" -> INSERT;
      case "update" -> UPDATE;
      case "delete" -> DELETE;
      default -> ignoringCase(name);
    };
  }

  private static @Nullable OperationKind ignoringCase(String name) {
    for (OperationKind kind : values()) {
      if (Ascii.equalsIgnoreCase(name, kind.wireName)) {
        return kind;
      }
    }
    return null;
  }
}
