package io.oplog.client.mirror;

import io.oplog.protocol.Operation;
import java.io.IOException;

/** An object could not be had, and is not to be skipped. The cause is that of the last attempt. */
public final class DeadLetterException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient Operation operation;

  DeadLetterException(Operation operation, int attempts, Exception cause) {
    super(
        operation.type()
            + "/"
            + operation.id()
            + " was not had in "
            + attempts
            + " attempts, which a DeadLetterHandler may skip: "
            + cause,
        cause);
    this.operation = operation;
  }

  /** The operation whose object it is. */
  public Operation operation() {
    return operation;
  }
}
