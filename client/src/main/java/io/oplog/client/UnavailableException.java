package io.oplog.client;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** There was no usable answer for as long as the retry policy allows. The cause is the last one. */
public final class UnavailableException extends IOException {
  private static final long serialVersionUID = 1L;

  UnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
