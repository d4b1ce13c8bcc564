package io.oplog.connector.document;

import io.oplog.connector.document.DocumentChange.Kind;
import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationKind;
import io.oplog.protocol.TypeName;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonNumber;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/** The operations that a change of a document makes under a rule. */
final class DocumentOperations {
  /** The years 0000 to 9999, which a timestamp can tell. */
  private static final long LEAST_MILLIS = -62_167_219_200_000L;

  private static final long MOST_MILLIS = 253_402_300_799_999L;

  private final Rule rule;
  private final DocumentChange.Document change;

  DocumentOperations(Rule rule, DocumentChange.Document change) {
    this.rule = rule;
    this.change = change;
  }

  /** The object that a document is. */
  private record Identity(String type, String id) {}

  /** It cannot be told which object a document was. */
  static final class UnknownObjectException extends Exception {
    private static final long serialVersionUID = 1;

    UnknownObjectException(DocumentChange.Document change) {
      super(
          "which object the document "
              + ValueText.of(change.id())
              + " of "
              + change.namespace()
              + " was is not known: its rule reads type or id from a field, and the collection keeps"
              + " no pre-images (collMod with changeStreamPreAndPostImages)");
    }
  }

  /**
   * The operations, in their order.
   *
   * @throws UnknownObjectException when the object is not known
   */
  List<Operation> list() throws UnknownObjectException {
    Optional<Identity> before = identity(change.before());
    Optional<Identity> after = identity(change.document());
    if (change.kind() == Kind.DELETE) {
      Identity gone = before.or(() -> identity(null)).orElseThrow(this::unknown);
      return List.of(operation(OperationKind.DELETE, gone, parents(change.before())));
    }
    if (change.before() == null && mayHaveMoved()) {
      throw unknown();
    }
    return moved(before, change.document() == null ? before : after);
  }

  /** Whether it may have been another object before. */
  private boolean mayHaveMoved() {
    return switch (change.kind()) {
      case INSERT -> false;
      case DELETE, REPLACE -> !rule.identityPaths().isEmpty();
      case UPDATE ->
          rule.identityPaths().stream().anyMatch(this::isChanged)
              || (change.document() == null && !rule.identityPaths().isEmpty());
    };
  }

  /** A change under a path, or of what is above it, changes it. */
  private boolean isChanged(String path) {
    return change.fields().stream()
        .anyMatch(field ->
            field.equals(path) || field.startsWith(path + ".") || path.startsWith(field + "."));
  }

  private UnknownObjectException unknown() {
    return new UnknownObjectException(change);
  }

  /** A document that is another object now is no more what it was. */
  private List<Operation> moved(Optional<Identity> before, Optional<Identity> after) {
    List<Operation> operations = new ArrayList<>();
    if (before.isPresent() && !before.equals(after)) {
      operations.add(operation(OperationKind.DELETE, before.get(), parents(change.before())));
    }
    after.ifPresent(object -> addChange(object, before.equals(after), operations));
    return operations;
  }

  /** Who filters by a parent that the object left hears of it by an operation that names both. */
  private void addChange(Identity object, boolean isSame, List<Operation> operations) {
    OperationKind kind = change.kind() == Kind.INSERT ? OperationKind.INSERT : OperationKind.UPDATE;
    Set<String> parents = parents(change.document());
    Set<String> both = new LinkedHashSet<>(parents);
    both.addAll(isSame ? parents(change.before()) : Set.of());
    if (both.size() > parents.size()) {
      operations.add(operation(kind, object, both));
    }
    operations.add(operation(kind, object, parents));
  }

  private Optional<Identity> identity(@Nullable BsonDocument document) {
    Optional<String> type = only(rule.type(), document).map(TypeName::lowerCase);
    Optional<String> id = only(rule.id(), document);
    return type.isPresent() && id.isPresent()
        ? Optional.of(new Identity(type.get(), id.get()))
        : Optional.empty();
  }

  private Optional<String> only(Template template, @Nullable BsonDocument document) {
    return template.texts(change.namespace(), change.id(), document).stream().findFirst();
  }

  private Set<String> parents(@Nullable BsonDocument document) {
    Set<String> parents = new LinkedHashSet<>();
    for (Template parent : rule.parents()) {
      parents.addAll(parent.texts(change.namespace(), change.id(), document));
    }
    return parents;
  }

  private Operation operation(OperationKind kind, Identity object, Set<String> parents) {
    long millis = kind == OperationKind.DELETE ? change.millis() : millis();
    return new Operation(kind, object.type(), object.id(), List.copyOf(parents), millis);
  }

  /** What the document says of itself, if it does. */
  private long millis() {
    BsonDocument document = change.document();
    if (rule.timestamp() == null || document == null) {
      return change.millis();
    }
    List<BsonValue> values = Paths.values(document, rule.timestamp());
    long told =
        switch (values.isEmpty() ? null : values.getFirst()) {
          case BsonDateTime time -> time.getValue();
          case BsonNumber number -> number.longValue();
          case null, default -> change.millis();
        };
    return told < LEAST_MILLIS || told > MOST_MILLIS ? change.millis() : told;
  }
}
