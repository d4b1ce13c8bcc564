package io.oplog.connector.mongodb;

import com.mongodb.MongoCommandException;
import com.mongodb.MongoCursorNotFoundException;
import com.mongodb.MongoException;
import com.mongodb.MongoIncompatibleDriverException;
import com.mongodb.MongoNodeIsRecoveringException;
import com.mongodb.MongoNotPrimaryException;
import com.mongodb.MongoSecurityException;
import com.mongodb.MongoSocketException;
import com.mongodb.MongoTimeoutException;
import io.oplog.core.relay.UnusableException;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What went wrong at the database, in words for an operator. Never a password. */
final class Failures {
  private static final int UNAUTHORIZED = 13;
  private static final int TOO_LARGE = 10334;
  private static final int NOT_REPLICATED = 40573;
  private static final int QUERY_PLAN_KILLED = 175;
  private static final int FAILED_TO_PARSE = 9;
  private static final int FIRST_WITHOUT_NAME = 40_000;
  private static final int MOST_CHARS = 300;

  /**
   * CappedPositionLost, CloseChangeStream, InvalidResumeToken, ChangeStreamFatalError,
   * ChangeStreamHistoryLost, OplogQueryMinTsMissing.
   */
  private static final Set<Integer> LOST = Set.of(136, 222, 260, 280, 286, 326);

  private static final String LOST_LABEL = "NonResumableChangeStreamError";

  private static final Pattern CAUSE =
      Pattern.compile("\\{(?:[a-z]\\w*\\.)+[A-Z][\\w$]*: ([^{}]*)");

  static final String NOT_A_MEMBER =
      "the MongoDB server is not a member of a replica set, and only those tell what changes: start"
          + " it with --replSet and run rs.initiate(); one node is enough";

  static final String TOO_OLD = "the MongoDB server is too old: 4.2 or newer is needed";

  static final String NO_OPLOG =
      "mongos has no oplog, and each shard its own: read the change stream instead";

  static final String TOO_OLD_TO_FOLLOW =
      "the MongoDB server is too old for its oplog to be read: 4.4 or newer is needed; its change"
          + " stream can be";

  private static final String RIGHTS =
      "the user lacks a right: changeStream and find are needed on all databases (as the role"
          + " readAnyDatabase has them), or on what is watched; to read the oplog, also find on local"
          + " (the role read): ";

  private Failures() {}

  /**
   * A failure, as one that an operator can read.
   *
   * @param what was not possible, and where
   */
  static IOException of(String what, MongoException e) {
    String message = what + ": " + reason(e);
    if (isDenied(e)) {
      return UnusableException.denied(message, e);
    }
    return isFinal(e) ? new UnusableException(message, e) : new IOException(message, e);
  }

  private static boolean isDenied(MongoException e) {
    return isUnknown(e) || e.getCode() == UNAUTHORIZED;
  }

  private static boolean isFinal(MongoException e) {
    return e instanceof MongoIncompatibleDriverException || e.getCode() == NOT_REPLICATED;
  }

  /** Whether a change stream cannot be read on from where it was. */
  static boolean isLost(MongoException e) {
    return e instanceof MongoCommandException
        && e.getCode() != TOO_LARGE
        && (LOST.contains(e.getCode()) || e.hasErrorLabel(LOST_LABEL));
  }

  /**
   * Whether a refusal may be about the position alone: a server has no code of its own for tokens
   * that it cannot read.
   */
  static boolean mayBeLost(MongoException e) {
    int code = e.getCode();
    return e instanceof MongoCommandException
        && code != NOT_REPLICATED
        && (code == FAILED_TO_PARSE || code >= FIRST_WITHOUT_NAME);
  }

  /** Whether a question may well be answered when it is asked again. */
  static boolean isPassing(MongoException e) {
    return e instanceof MongoCursorNotFoundException
        || e instanceof MongoSocketException
        || e instanceof MongoTimeoutException // of an election, which takes longer than we wait
        || e instanceof MongoNotPrimaryException
        || e instanceof MongoNodeIsRecoveringException
        || e.getCode() == QUERY_PLAN_KILLED;
  }

  /** Whether it is about who we are; a connection that breaks meanwhile is of the same type. */
  private static boolean isUnknown(MongoException e) {
    return e instanceof MongoSecurityException && !(e.getCause() instanceof MongoSocketException);
  }

  static String reason(MongoException e) {
    if (isUnknown(e)) {
      return "MongoDB does not accept the user or the password (authSource= names the database that"
          + " knows the user)";
    }
    return switch (e) {
      case MongoIncompatibleDriverException _ -> TOO_OLD + " (" + cut(e.getMessage()) + ")";
      case MongoCommandException command -> refusal(command);
      case MongoTimeoutException _ -> cut(noAnswer(String.valueOf(e.getMessage())));
      default -> cut(e.getMessage());
    };
  }

  /**
   * The driver tells all that it has seen, with the names of its classes; what began it is last.
   */
  private static String noAnswer(String message) {
    List<String> causes =
        CAUSE.matcher(message).results().map(cause -> cause.group(1)).distinct().toList();
    return causes.isEmpty() ? message : "no server answers (" + String.join("; ", causes) + ")";
  }

  private static String refusal(MongoCommandException e) {
    String message = cut(e.getErrorMessage());
    return switch (e.getErrorCode()) {
      case UNAUTHORIZED -> RIGHTS + message;
      case NOT_REPLICATED -> NOT_A_MEMBER;
      case TOO_LARGE ->
          "the next change is larger than the 16 MB in which MongoDB can tell it: leave its"
              + " collection out, or ask for less of its documents: "
              + message;
      default -> message + " (" + e.getErrorCode() + ")";
    };
  }

  private static String cut(@Nullable String given) {
    String message = String.valueOf(given);
    return message.length() <= MOST_CHARS ? message : message.substring(0, MOST_CHARS) + "…";
  }
}
