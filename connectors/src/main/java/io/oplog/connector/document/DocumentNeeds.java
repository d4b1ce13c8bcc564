package io.oplog.connector.document;

import java.util.Set;
import java.util.function.Function;

/**
 * What of a database's changes is wanted.
 *
 * @param namespaces whose changes
 * @param fields of which documents what is wanted beside the {@code _id}, by namespace
 * @param before whether documents as they were are wanted too, with the same fields
 */
public record DocumentNeeds(
    NamespaceFilter namespaces, Function<Namespace, Fields> fields, boolean before) {

  /** Fields of a document. */
  public sealed interface Fields {}

  /** None but the {@code _id}. */
  public record NoFields() implements Fields {}

  /**
   * Some.
   *
   * @param paths with dots between the names; at least one
   */
  public record SomeFields(Set<String> paths) implements Fields {
    public SomeFields {
      paths = Set.copyOf(paths);
    }
  }

  /** The names of those at the top, whatever is in them. */
  public record FieldNames() implements Fields {}

  /** All. */
  public record AllFields() implements Fields {}
}
