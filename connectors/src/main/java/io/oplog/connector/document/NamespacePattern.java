package io.oplog.connector.document;

import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Matches namespaces: a database and a collection with a dot between them, where {@code *} stands
 * for any characters. Case counts. The database ends at the first dot.
 */
public record NamespacePattern(String database, String collection) {
  private static final String ANY = "*";

  /**
   * Reads {@code app.users}, {@code app.*}, {@code app} for all of its collections, or {@code *}.
   *
   * @throws IllegalArgumentException when a part is empty
   */
  public static NamespacePattern parse(String text) {
    int dot = text.indexOf('.');
    String database = dot < 0 ? text : text.substring(0, dot);
    String collection = dot < 0 ? ANY : text.substring(dot + 1);
    if (database.isEmpty() || collection.isEmpty()) {
      throw new IllegalArgumentException(
          "'" + text + "' is not like DATABASE.COLLECTION, as in app.users or app.*");
    }
    return new NamespacePattern(database, collection);
  }

  /** Whether it matches. Of a namespace without a collection the database alone counts. */
  public boolean matches(Namespace namespace) {
    return namespace.database().matches(regex(database))
        && (namespace.collection().isEmpty() || namespace.collection().matches(regex(collection)));
  }

  /** Whether it is one name, without {@code *}. */
  public static boolean isName(String part) {
    return !part.contains(ANY);
  }

  /** A regular expression for a whole part. */
  public static String regex(String part) {
    return Arrays.stream(part.split("\\*", -1))
        .map(piece -> piece.isEmpty() ? "" : Pattern.quote(piece))
        .collect(Collectors.joining(".*", "^", "$"));
  }

  @Override
  public String toString() {
    return database + "." + collection;
  }
}
