package io.oplog.connector.document;

import io.oplog.connector.document.DocumentChange.Document;
import io.oplog.connector.document.DocumentChange.Kind;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.bson.BsonDocument;
import org.bson.BsonNull;
import org.jspecify.annotations.Nullable;

/**
 * What two changes of one document come to, the newer of which is known before the older is passed
 * on.
 *
 * @param namespaces the collections whose changes may be told as one
 * @param whole those whose documents are wanted, and not the names of their fields alone
 */
public record Conflation(Predicate<Namespace> namespaces, Predicate<Namespace> whole) {

  /** None of anything. */
  public static final Conflation NONE = new Conflation(_ -> false, _ -> false);

  /**
   * One change that leads where both do: what is new has all its fields, what was changed those of
   * either change, and what is removed is removed. Empty where both are needed: what comes after a
   * removal is another document.
   */
  Optional<Document> of(Document older, Document newer) {
    if (older.kind() == Kind.DELETE || newer.kind() == Kind.INSERT) {
      return Optional.empty();
    }
    if (newer.kind() == Kind.DELETE) {
      return Optional.of(joined(older, newer, Kind.DELETE, List.of(), null));
    }
    return Optional.of(
        older.kind() == Kind.INSERT
            ? joined(older, newer, Kind.INSERT, List.of(), inserted(older, newer))
            : joined(older, newer, Kind.UPDATE, changed(older, newer), newer.document()));
  }

  private static Document joined(
      Document older,
      Document newer,
      Kind kind,
      List<String> fields,
      @Nullable BsonDocument document) {
    return new Document(
        kind,
        newer.namespace(),
        newer.id(),
        fields,
        document,
        older.before() == null ? newer.before() : older.before(),
        newer.time(),
        older.since(),
        newer.millis());
  }

  /** As it is now; of one that is gone meanwhile nothing, since its removal follows. */
  private @Nullable BsonDocument inserted(Document older, Document newer) {
    boolean isKnown = newer.kind() == Kind.REPLACE || whole.test(newer.namespace());
    return isKnown ? newer.document() : withNames(older.document(), newer.fields());
  }

  private static BsonDocument withNames(@Nullable BsonDocument document, List<String> paths) {
    BsonDocument names = new BsonDocument();
    if (document != null) {
      names.putAll(document);
    }
    paths.forEach(path -> names.putIfAbsent(Paths.top(path), BsonNull.VALUE));
    return names;
  }

  private static List<String> changed(Document older, Document newer) {
    Set<String> fields = new LinkedHashSet<>(names(older));
    fields.addAll(names(newer));
    return List.copyOf(fields);
  }

  private static Collection<String> names(Document change) {
    BsonDocument document = change.document();
    return document != null && change.kind() == Kind.REPLACE ? document.keySet() : change.fields();
  }
}
