package io.oplog.server.command;

import io.oplog.connector.document.Namespace;
import io.oplog.connector.document.NamespacePattern;
import io.oplog.connector.mongodb.Watch;
import org.jspecify.annotations.Nullable;

/** What {@code --watch} means. */
final class Watched {
  private Watched() {}

  /**
   * The whole deployment where nothing is named.
   *
   * @throws IllegalArgumentException when it is a pattern for several
   */
  static Watch of(@Nullable NamespacePattern named) {
    if (named == null) {
      return new Watch.Cluster();
    }
    if (!NamespacePattern.isName(named.database())) {
      throw new IllegalArgumentException("takes a database, or a collection as in app.users");
    }
    return NamespacePattern.isName(named.collection())
        ? new Watch.Collection(new Namespace(named.database(), named.collection()))
        : new Watch.Database(named.database());
  }
}
