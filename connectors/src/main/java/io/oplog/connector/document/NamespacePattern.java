package io.oplog.connector.document;

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
    return matches(database, namespace.database())
        && (namespace.collection().isEmpty() || matches(collection, namespace.collection()));
  }

  /** Once a change: without a regular expression. */
  private static boolean matches(String pattern, String name) {
    int star = pattern.indexOf(ANY);
    if (star < 0) {
      return pattern.equals(name);
    }
    return name.startsWith(pattern.substring(0, star))
        && endsAsFrom(pattern.substring(star + 1), name.substring(star));
  }

  /** Whether some end of a name is as the rest of a pattern says. */
  private static boolean endsAsFrom(String rest, String name) {
    int star = rest.indexOf(ANY);
    if (star < 0) {
      return name.endsWith(rest);
    }
    int at = name.indexOf(rest.substring(0, star));
    return at >= 0 && endsAsFrom(rest.substring(star + 1), name.substring(at + star));
  }

  /** Whether it matches all collections of a database, or none. */
  boolean isOfDatabases() {
    return collection.equals(ANY);
  }

  /** Whether it is one name, without {@code *}. */
  public static boolean isName(String part) {
    return !part.contains(ANY);
  }

  @Override
  public String toString() {
    return database + "." + collection;
  }
}
