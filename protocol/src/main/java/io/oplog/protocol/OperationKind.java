package io.oplog.protocol;

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
}
