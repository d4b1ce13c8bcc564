package io.oplog.store.mongodb;

import com.mongodb.MongoCommandException;
import com.mongodb.MongoException;
import com.mongodb.MongoSecurityException;
import com.mongodb.MongoTimeoutException;
import io.oplog.core.store.StoreException;

/** What went wrong at the database, in words for an operator. Never a password. */
final class Failures {
  private static final int UNAUTHORIZED = 13;
  private static final int TOO_LARGE = 10334;
  private static final int MOST_CHARS = 300;

  private Failures() {}

  static StoreException.Unavailable unavailable(String what, MongoException e) {
    return new StoreException.Unavailable(what + ": " + reason(e), e);
  }

  /** While the store is being opened, when whoever did it is there to mend what does not pass. */
  static StoreException atOpen(String what, MongoException e) {
    return isFinal(e)
        ? new StoreException.Denied(what + ": " + reason(e), e)
        : unavailable(what, e);
  }

  /** Whether trying again cannot help. */
  static boolean isFinal(MongoException e) {
    return e instanceof MongoSecurityException
        || e.getCode() == UNAUTHORIZED
        || e.getCode() == TOO_LARGE;
  }

  static String reason(MongoException e) {
    return switch (e) {
      case MongoSecurityException _ ->
          "MongoDB does not accept the user or the password of --store";
      case MongoTimeoutException _ -> "no primary of the replica set answers: " + cut(e);
      case MongoCommandException command when command.getErrorCode() == UNAUTHORIZED ->
          "the user of --store lacks a right, readWrite on the database is needed: " + cut(e);
      default -> cut(e);
    };
  }

  private static String cut(MongoException e) {
    String message = String.valueOf(e.getMessage());
    return message.length() <= MOST_CHARS ? message : message.substring(0, MOST_CHARS) + "…";
  }
}
