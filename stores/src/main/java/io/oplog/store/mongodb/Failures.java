package io.oplog.store.mongodb;

import com.mongodb.MongoCommandException;
import com.mongodb.MongoException;
import com.mongodb.MongoNodeIsRecoveringException;
import com.mongodb.MongoNotPrimaryException;
import com.mongodb.MongoSecurityException;
import com.mongodb.MongoSocketException;
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
    return isDenied(e)
        ? new StoreException.Denied(what + ": " + reason(e), e)
        : unavailable(what, e);
  }

  /** Whether trying again cannot help. */
  static boolean isFinal(MongoException e) {
    return isDenied(e) || e.getCode() == TOO_LARGE;
  }

  /** Whether a server that could do a command did not want to. */
  static boolean isRefusal(MongoException e) {
    return e instanceof MongoCommandException
        && !(e instanceof MongoNotPrimaryException)
        && !(e instanceof MongoNodeIsRecoveringException);
  }

  /** Whether it is about who we are, or what we may do. */
  static boolean isDenied(MongoException e) {
    return isUnknown(e) || e.getCode() == UNAUTHORIZED;
  }

  /** A connection that breaks while it is told who we are is of the same type. */
  private static boolean isUnknown(MongoException e) {
    return e instanceof MongoSecurityException && !(e.getCause() instanceof MongoSocketException);
  }

  static String reason(MongoException e) {
    return switch (e) {
      case MongoSecurityException _ when isUnknown(e) ->
          "MongoDB does not accept the user or the password of --store (authSource= names the"
              + " database that knows the user)";
      case MongoTimeoutException _ ->
          ServersSeen.in(message(e))
              .map(servers -> "no primary of the replica set answers: " + servers)
              .orElse(cut(message(e)));
      case MongoCommandException command when command.getErrorCode() == UNAUTHORIZED ->
          "the user of --store lacks a right, the role readWrite on the database is needed: "
              + cut(command.getErrorMessage());
      default -> cut(message(e));
    };
  }

  private static String message(MongoException e) {
    return String.valueOf(e.getMessage());
  }

  private static String cut(String message) {
    return message.length() <= MOST_CHARS ? message : message.substring(0, MOST_CHARS) + "…";
  }
}
