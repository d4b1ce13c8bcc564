package io.oplog.protocol;

/**
 * How large an operation may be. Bytes are those of the text in UTF-8; whatever passes a limit is
 * refused with the limit's number and the one seen.
 *
 * @param maxOperationBytes the JSON text of one operation
 * @param maxTypeBytes the type, lower-cased
 * @param maxIdBytes the id
 * @param maxParents how many parents
 * @param maxParentBytes each parent
 * @param maxDepth how deep objects and arrays may nest, the operation itself being level 1
 */
public record OperationLimits(
    int maxOperationBytes,
    int maxTypeBytes,
    int maxIdBytes,
    int maxParents,
    int maxParentBytes,
    int maxDepth) {

  /** An operation fits a datagram. */
  public static final OperationLimits DEFAULTS =
      new OperationLimits(65_507, 255, 4096, 1000, 4096, 64);

  /** For what a server sends, which it has checked itself. */
  static final OperationLimits NONE =
      new OperationLimits(
          Integer.MAX_VALUE,
          Integer.MAX_VALUE,
          Integer.MAX_VALUE,
          Integer.MAX_VALUE,
          Integer.MAX_VALUE,
          1000);

  public OperationLimits {
    requirePositive("maxOperationBytes", maxOperationBytes);
    requirePositive("maxTypeBytes", maxTypeBytes);
    requirePositive("maxIdBytes", maxIdBytes);
    requirePositive("maxParents", maxParents);
    requirePositive("maxParentBytes", maxParentBytes);
    requirePositive("maxDepth", maxDepth);
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException("must be >= 1: " + name + "=" + value);
    }
  }
}
