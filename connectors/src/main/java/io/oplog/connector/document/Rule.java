package io.oplog.connector.document;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the documents of some collections are as objects.
 *
 * @param type of the object
 * @param id of the object
 * @param parents of the object; each may make none or several
 * @param timestamp path of the field that tells when the document was last changed; null for the
 *     time of the change
 */
record Rule(Template type, Template id, List<Template> parents, @Nullable String timestamp) {
  static final Rule USUAL =
      new Rule(Template.parse("{collection}"), Template.parse("{_id}"), List.of(), null);

  Rule {
    parents = List.copyOf(parents);
  }

  /** The fields beside the {@code _id} that it reads. */
  Set<String> paths() {
    Set<String> paths = objectPaths();
    if (timestamp != null) {
      paths.add(timestamp);
    }
    paths.remove("_id");
    return paths;
  }

  /** Those that tell of the object what filters look at. */
  private Set<String> objectPaths() {
    Set<String> paths = identityPaths();
    parents.forEach(parent -> paths.addAll(parent.paths()));
    paths.remove("_id");
    return paths;
  }

  /** The fields beside the {@code _id} that tell which object a document is. */
  Set<String> identityPaths() {
    Set<String> paths = new LinkedHashSet<>();
    Stream.of(type, id).forEach(template -> paths.addAll(template.paths()));
    paths.remove("_id");
    return paths;
  }

  /** Whether what a document was before it changed is of use. */
  boolean readsBefore() {
    return !objectPaths().isEmpty();
  }
}
