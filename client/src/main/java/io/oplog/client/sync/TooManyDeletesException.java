package io.oplog.client.sync;

import java.io.IOException;

/** The difference has more deletions than the limit allows. Nothing was sent. */
public final class TooManyDeletesException extends IOException {
  private static final long serialVersionUID = 1L;

  TooManyDeletesException(long deletes, long living, DeleteLimit limit) {
    super(
        String.format(
            "%,d of %,d objects would be deleted, more than the limit of %s; nothing was sent",
            deletes, living, limit));
  }
}
