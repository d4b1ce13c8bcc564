package io.oplog.connector.mongodb;

import io.oplog.core.relay.UnusableException;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonTimestamp;

/** How a server introduces itself. */
record Hello(BsonDocument answer) {
  private static final int WIRE_VERSION_4_2 = 8;
  private static final int WIRE_VERSION_4_4 = 9;
  private static final int WIRE_VERSION_6_0 = 17;
  private static final String OPERATION_TIME = "operationTime";

  /** What its clock shows, in milliseconds since the epoch. */
  long millis() {
    return answer.getDateTime("localTime").getValue();
  }

  /** A cluster time that nothing has which happens after this. */
  long clusterTime() {
    return answer.containsKey(OPERATION_TIME)
        ? answer.getTimestamp(OPERATION_TIME).getValue()
        : new BsonTimestamp((int) (millis() / 1000), 0).getValue();
  }

  boolean canKeepDocumentsBefore() {
    return wireVersion() >= WIRE_VERSION_6_0;
  }

  /**
   * Judges the server.
   *
   * @throws UnusableException with what to do about it
   */
  void requireSuitable(String place) throws UnusableException {
    if (!isRouter() && !answer.containsKey("setName")) {
      throw new UnusableException(place + ": " + Failures.NOT_A_MEMBER, itself());
    }
    if (wireVersion() < WIRE_VERSION_4_2) {
      throw new UnusableException(place + ": " + Failures.TOO_OLD, itself());
    }
  }

  /**
   * Judges whether its oplog can be followed.
   *
   * @throws UnusableException with what to do about it
   */
  void requireOplog(String place) throws UnusableException {
    requireSuitable(place);
    if (isRouter()) {
      throw new UnusableException(place + ": " + Failures.NO_OPLOG, itself());
    }
    if (wireVersion() < WIRE_VERSION_4_4) {
      throw new UnusableException(place + ": " + Failures.TOO_OLD_TO_FOLLOW, itself());
    }
  }

  private boolean isRouter() {
    return answer.containsKey("msg");
  }

  private IllegalStateException itself() {
    return new IllegalStateException("setName or wire version: " + answer.toJson());
  }

  private int wireVersion() {
    return answer.getNumber("maxWireVersion", new BsonInt32(0)).intValue();
  }
}
