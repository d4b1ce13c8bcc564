package io.oplog.protocol;

/**
 * Says what is wrong with a producer's input, in words for the producer. Without a stack trace:
 * garbage may come at any rate.
 */
public final class InvalidOperationException extends Exception {
  private static final long serialVersionUID = 1;

  private final String place;
  private final String reason;
  private final long operations;

  private InvalidOperationException(String place, String reason, long operations) {
    super(place.isEmpty() ? reason : place + ": " + reason, null, false, false);
    this.place = place;
    this.reason = reason;
    this.operations = operations;
  }

  InvalidOperationException(String reason) {
    this("", reason, 1);
  }

  InvalidOperationException at(String newPlace, long newOperations) {
    return new InvalidOperationException(newPlace, reason, newOperations);
  }

  InvalidOperationException because(String newReason) {
    return new InvalidOperationException(place, newReason, operations);
  }

  /** Where: {@code line 3}, {@code element 3}, {@code body} or {@code datagram}. */
  public String place() {
    return place;
  }

  /** What is wrong there. */
  public String reason() {
    return reason;
  }

  /**
   * How many operations are lost with this one error: all those of a body, since a body is stored
   * whole or not at all; 1 for a body that cannot be read, and for a line of a datagram.
   */
  public long operations() {
    return operations;
  }
}
