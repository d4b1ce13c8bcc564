package io.oplog.protocol;

import java.util.Set;

/**
 * What a consumer asked for: any of the types, and any of the parents. An empty set asks for all.
 *
 * @param types lower case
 * @param parents case kept
 */
public record Filter(Set<String> types, Set<String> parents) {

  /** Everything. */
  public static final Filter ALL = new Filter(Set.of(), Set.of());

  public Filter {
    types = Set.copyOf(types);
    parents = Set.copyOf(parents);
  }

  public boolean isAll() {
    return types.isEmpty() && parents.isEmpty();
  }
}
