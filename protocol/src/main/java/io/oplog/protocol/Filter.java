package io.oplog.protocol;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a consumer asked for: any of the types, and any of the parents. An empty set asks for all.
 *
 * @param types in lower case, whatever they were given in
 * @param parents case kept
 */
public record Filter(Set<String> types, Set<String> parents) {

  /** Everything. */
  public static final Filter ALL = new Filter(Set.of(), Set.of());

  /**
   * Checks it.
   *
   * @throws IllegalArgumentException when a type or a parent is empty: a query does not have it,
   *     and asks for all then
   */
  public Filter {
    types = types.stream().map(TypeName::lowerCase).collect(Collectors.toUnmodifiableSet());
    parents = Set.copyOf(parents);
    if (types.contains("") || parents.contains("")) {
      throw new IllegalArgumentException("a type or a parent of a filter is empty");
    }
  }

  /** Objects of some types, whatever their parents. */
  public static Filter ofTypes(String... types) {
    return new Filter(Set.of(types), Set.of());
  }

  /** Objects that have one of some parents, of any type. */
  public static Filter ofParents(String... parents) {
    return new Filter(Set.of(), Set.of(parents));
  }

  /**
   * Reads the filters of a query: {@code types} and {@code parents} are lists with commas, {@code
   * parent} is one parent taken whole. Each may be repeated; what is empty is passed over.
   *
   * @param rawQuery as for {@link QueryParameters#parse}
   * @throws IllegalArgumentException when the query cannot be decoded, with a message for the
   *     consumer
   */
  public static Filter parse(String rawQuery) {
    return of(QueryParameters.parse(rawQuery));
  }

  /** As {@link #parse}, of a query that was decoded already. */
  public static Filter of(QueryParameters query) {
    Set<String> parents = new HashSet<>(items(query.all("parents")));
    parents.addAll(query.all("parent"));
    parents.remove("");
    return new Filter(items(query.all("types")), parents);
  }

  private static Set<String> items(List<String> lists) {
    return lists.stream()
        .flatMap(list -> List.of(list.split(",")).stream())
        .filter(item -> !item.isEmpty())
        .collect(Collectors.toSet());
  }

  public boolean isAll() {
    return types.isEmpty() && parents.isEmpty();
  }
}
