package io.oplog.connector.mongodb;

import static com.mongodb.client.model.Projections.include;

import io.oplog.connector.document.DocumentNeeds;
import io.oplog.connector.document.DocumentNeeds.AllFields;
import io.oplog.connector.document.DocumentNeeds.FieldNames;
import io.oplog.connector.document.DocumentNeeds.Fields;
import io.oplog.connector.document.DocumentNeeds.NoFields;
import io.oplog.connector.document.DocumentNeeds.SomeFields;
import io.oplog.connector.document.Namespace;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bson.BsonDocument;
import org.bson.BsonNull;
import org.bson.BsonReader;
import org.bson.BsonType;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/** What of which documents is wanted; asked once for each collection. One thread. */
final class WantedFields {
  private static final int MOST_KNOWN = 10_000;

  private final DocumentNeeds needs;
  private final Map<Namespace, Fields> known = new HashMap<>();

  WantedFields(DocumentNeeds needs) {
    this.needs = needs;
  }

  boolean wants(Namespace namespace) {
    return !NamespaceCondition.isOwn(namespace.database(), namespace.collection())
        && needs.namespaces().wants(namespace);
  }

  private Fields fields(Namespace namespace) {
    if (known.size() >= MOST_KNOWN) {
      known.clear();
    }
    return known.computeIfAbsent(namespace, needs.fields());
  }

  /** Whether an update is of no use without the document. */
  boolean needsUpdated(Namespace namespace) {
    return switch (fields(namespace)) {
      case NoFields _, FieldNames _ -> false;
      case SomeFields _, AllFields _ -> true;
    };
  }

  /** What is asked for where a document is read. */
  Bson projection(Namespace namespace) {
    return switch (fields(namespace)) {
      case NoFields _ -> include("_id");
      case SomeFields some -> include(apart(some.paths()));
      case FieldNames _, AllFields _ -> new BsonDocument();
    };
  }

  /** Without those that are within another: a server takes no two that overlap. */
  static List<String> apart(Set<String> paths) {
    return paths.stream().filter(path -> !isWithinAny(path, paths)).sorted().toList();
  }

  private static boolean isWithinAny(String path, Set<String> paths) {
    return paths.stream().anyMatch(other -> path.startsWith(other + "."));
  }

  /**
   * What is handed on of a document that was read: all of it where some is wanted, its names with
   * null for each value where those are.
   */
  @Nullable BsonDocument of(Namespace namespace, BsonDocument document) {
    return switch (fields(namespace)) {
      case NoFields _ -> null;
      case FieldNames _ -> names(document);
      case SomeFields _, AllFields _ -> document;
    };
  }

  private static BsonDocument names(BsonDocument document) {
    BsonDocument names = new BsonDocument();
    try (BsonReader reader = document.asBsonReader()) {
      reader.readStartDocument();
      while (reader.readBsonType() != BsonType.END_OF_DOCUMENT) {
        names.put(reader.readName(), BsonNull.VALUE);
        reader.skipValue();
      }
    }
    return names;
  }
}
