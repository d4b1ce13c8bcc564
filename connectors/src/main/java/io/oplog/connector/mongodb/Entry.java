package io.oplog.connector.mongodb;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bson.BsonArray;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonTimestamp;
import org.bson.BsonValue;
import org.bson.RawBsonDocument;
import org.bson.codecs.BsonDocumentCodec;

/**
 * An entry of mongod's oplog. One entry may hold many operations ({@code applyOps}), which have its
 * form without times of their own; a transaction may have many entries, each naming the one before.
 */
record Entry(RawBsonDocument document) {
  static final String TIME = "ts";
  static final String KIND = "op";
  static final String NAMESPACE = "ns";
  static final String OBJECT = "o";
  static final String COMMAND = "c";
  static final String OPERATIONS = "applyOps";
  static final String COMMIT = "commitTransaction";

  /** Entries with one of these are of a transaction that is not committed with them. */
  static final List<String> HELD = List.of("partialTxn", "prepare");

  static final String MIGRATION = "fromMigrate";
  static final String PREVIOUS = "prevOpTime";
  static final List<String> TRANSACTION = List.of("lsid", "txnNumber");

  long time() {
    return document.getTimestamp(TIME).getValue();
  }

  /** When it was written, in milliseconds since the epoch. */
  long millis() {
    return document.get("wall") instanceof BsonDateTime wall
        ? wall.getValue()
        : document.getTimestamp(TIME).getTime() * 1000L;
  }

  /** Whether what it says is void until another entry says that it is not. */
  boolean isHeld() {
    return HELD.stream().anyMatch(mark -> isTrue(object(document), mark));
  }

  boolean isCommit() {
    return object(document).containsKey(COMMIT);
  }

  boolean isApplied() {
    return object(document).containsKey(OPERATIONS);
  }

  /** The time of the entry before in the same session; 0 for none. */
  long previous() {
    BsonValue previous = document.get(PREVIOUS);
    return previous == null || !previous.isDocument()
        ? 0
        : previous.asDocument().getTimestamp(TIME, new BsonTimestamp(0)).getValue();
  }

  /** Whether both are of one transaction. */
  boolean isOfSame(Entry other) {
    return TRANSACTION.stream()
        .allMatch(part ->
            document.containsKey(part)
                && Objects.equals(document.get(part), other.document.get(part)));
  }

  /**
   * What it says: itself, or the operations in it, in their order. None of those by which documents
   * only move to another server.
   */
  List<RawBsonDocument> operations() {
    List<RawBsonDocument> operations = new ArrayList<>();
    add(document, operations);
    return operations;
  }

  private static void add(RawBsonDocument operation, List<RawBsonDocument> operations) {
    if (isTrue(operation, MIGRATION)) {
      return;
    }
    if (isCommand(operation) && object(operation).get(OPERATIONS) instanceof BsonArray within) {
      within.forEach(one -> add(raw(one.asDocument()), operations));
    } else {
      operations.add(operation);
    }
  }

  private static boolean isCommand(BsonDocument operation) {
    return operation.getString(KIND).getValue().equals(COMMAND);
  }

  private static boolean isTrue(BsonDocument document, String name) {
    BsonValue value = document.get(name);
    return value != null && value.isBoolean() && value.asBoolean().getValue();
  }

  private static BsonDocument object(BsonDocument operation) {
    BsonValue object = operation.get(OBJECT);
    return object instanceof BsonDocument document ? document : new BsonDocument();
  }

  private static RawBsonDocument raw(BsonDocument document) {
    return document instanceof RawBsonDocument raw
        ? raw
        : new RawBsonDocument(document, new BsonDocumentCodec());
  }
}
