package io.oplog.connector.mongodb;

import io.oplog.connector.document.Namespace;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bson.BsonBinaryReader;
import org.bson.BsonTimestamp;
import org.bson.BsonType;
import org.bson.ByteBuf;
import org.bson.RawBsonDocument;
import org.bson.io.ByteBufferBsonInput;
import org.jspecify.annotations.Nullable;

/**
 * The fields of an event of a change stream that are looked at, all found in one pass: there are
 * many events, and each look for a field is one through all before it. The documents are parts of
 * the event's bytes. One thread.
 */
final class Event {
  private static final String DATABASE = "db";
  private static final String COLLECTION = "coll";

  private final ByteBuf bytes;
  private final BsonBinaryReader reader;
  private String kind = "";
  private BsonTimestamp clusterTime = new BsonTimestamp();
  private long wallMillis = -1;
  private Namespace namespace = new Namespace("", "");
  private Namespace to = namespace;
  private @Nullable RawBsonDocument key;
  private final List<String> changed = new ArrayList<>();
  private @Nullable RawBsonDocument document;
  private @Nullable RawBsonDocument before;

  private Event(RawBsonDocument event) {
    bytes = event.getByteBuffer();
    reader = new BsonBinaryReader(new ByteBufferBsonInput(bytes.duplicate()));
  }

  static Event of(RawBsonDocument event) {
    Event read = new Event(event);
    try (BsonBinaryReader reader = read.reader) {
      reader.readStartDocument();
      while (reader.readBsonType() != BsonType.END_OF_DOCUMENT) {
        read.field(reader.readName());
      }
    }
    return read;
  }

  private void field(String name) {
    if (reader.getCurrentBsonType() == BsonType.DOCUMENT) {
      documentField(name);
    } else {
      plainField(name);
    }
  }

  private void plainField(String name) {
    switch (name) {
      case "operationType" -> kind = reader.readString();
      case "clusterTime" -> clusterTime = reader.readTimestamp();
      case "wallTime" -> wallMillis = reader.readDateTime();
      default -> reader.skipValue();
    }
  }

  private void documentField(String name) {
    switch (name) {
      case "ns" -> namespace = readNamespace();
      case "to" -> to = readNamespace();
      case "documentKey" -> key = part();
      case "updateDescription" -> readDescription();
      case "fullDocument" -> document = part();
      case "fullDocumentBeforeChange" -> before = part();
      default -> reader.skipValue();
    }
  }

  private Namespace readNamespace() {
    String database = "";
    String collection = "";
    reader.readStartDocument();
    while (reader.readBsonType() != BsonType.END_OF_DOCUMENT) {
      switch (reader.readName()) {
        case DATABASE -> database = reader.readString();
        case COLLECTION -> collection = reader.readString();
        default -> reader.skipValue();
      }
    }
    reader.readEndDocument();
    return new Namespace(database, collection);
  }

  /** The names alone are sent, see {@link WatchPipeline}. */
  private void readDescription() {
    reader.readStartDocument();
    while (reader.readBsonType() != BsonType.END_OF_DOCUMENT) {
      String name = reader.readName();
      if (reader.getCurrentBsonType() == BsonType.ARRAY) {
        listField(name);
      } else {
        reader.skipValue();
      }
    }
    reader.readEndDocument();
  }

  private void listField(String name) {
    switch (name) {
      case "updatedFields", "removedFields" -> readList(reader::readString);
      case "truncatedArrays" -> readList(this::readTruncated);
      default -> reader.skipValue();
    }
  }

  private void readList(Supplier<String> element) {
    reader.readStartArray();
    while (reader.readBsonType() != BsonType.END_OF_DOCUMENT) {
      changed.add(element.get());
    }
    reader.readEndArray();
  }

  private String readTruncated() {
    String field = "";
    reader.readStartDocument();
    while (reader.readBsonType() != BsonType.END_OF_DOCUMENT) {
      if (reader.readName().equals("field")) {
        field = reader.readString();
      } else {
        reader.skipValue();
      }
    }
    reader.readEndDocument();
    return field;
  }

  private RawBsonDocument part() {
    int from = reader.getBsonInput().getPosition();
    reader.skipValue();
    int length = reader.getBsonInput().getPosition() - from;
    return new RawBsonDocument(bytes.array(), bytes.position() + from, length);
  }

  /** How large it is, in bytes. */
  int size() {
    return bytes.remaining();
  }

  /** Whether a change stream ends with it. */
  boolean isEnd() {
    return kind.equals("invalidate");
  }

  /** What has happened, in the server's word. */
  String kind() {
    return kind;
  }

  long clusterTime() {
    return clusterTime.getValue();
  }

  /** When it happened, in milliseconds; to the second where a server is too old to tell better. */
  long millis() {
    return wallMillis >= 0 ? wallMillis : clusterTime.getTime() * 1000L;
  }

  /** Where; without a collection where it is a whole database. */
  Namespace namespace() {
    return namespace;
  }

  /** Of a rename the new name. */
  Namespace to() {
    return to;
  }

  @Nullable RawBsonDocument key() {
    return key;
  }

  /** The names of the fields of a document that an update has changed, as paths. */
  List<String> changed() {
    return changed;
  }

  @Nullable RawBsonDocument document() {
    return document;
  }

  @Nullable RawBsonDocument before() {
    return before;
  }
}
