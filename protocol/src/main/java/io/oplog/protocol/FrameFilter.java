package io.oplog.protocol;

import java.util.Set;

/**
 * A {@link Filter} made ready to be held against the bytes of frames. Immutable; asking allocates
 * nothing.
 */
public final class FrameFilter {
  /** Passes everything. */
  public static final FrameFilter ALL = new FrameFilter(Filter.ALL);

  private final Filter filter;
  private final FrameKeys types;
  private final FrameKeys parents;

  public FrameFilter(Filter filter) {
    this.filter = filter;
    this.types = new FrameKeys(filter.types());
    this.parents = new FrameKeys(filter.parents());
  }

  public Filter filter() {
    return filter;
  }

  public boolean isAll() {
    return filter.isAll();
  }

  /** Whether only some types are wanted. */
  public boolean hasTypes() {
    return !types.isEmpty();
  }

  /** Whether only objects with some parent are wanted. */
  public boolean hasParents() {
    return !parents.isEmpty();
  }

  /** The types for an index; empty when all are wanted. */
  public Set<FrameKey> types() {
    return types.asSet();
  }

  /** The parents for an index; empty when all are wanted. */
  public Set<FrameKey> parents() {
    return parents.asSet();
  }

  /** Whether the frame that starts at {@code from} has one of the types and one of the parents. */
  public boolean matches(byte[] bytes, int from) {
    return isAll() || matchesFields(bytes, from);
  }

  private boolean matchesFields(byte[] bytes, int from) {
    boolean found = !hasParents();
    int at = from + Frame.PARENTS;
    while (bytes[at] != ']') {
      int start = bytes[at] == ',' ? at + 2 : at + 1;
      int end = JsonText.endOf(bytes, start);
      found = found || parents.contains(bytes, start, end);
      at = end + 1;
    }
    return found && matchesTypeAt(bytes, FrameFields.typeStart(at));
  }

  private boolean matchesTypeAt(byte[] bytes, int start) {
    return !hasTypes() || types.contains(bytes, start, JsonText.endOf(bytes, start));
  }

  /** Whether a raw type, as it stands in a frame, is one of the types. */
  public boolean matchesType(byte[] raw, int from, int to) {
    return !hasTypes() || types.contains(raw, from, to);
  }

  /** Whether a raw parent, as it stands in a frame, is one of the parents. */
  public boolean matchesParent(byte[] raw, int from, int to) {
    return !hasParents() || parents.contains(raw, from, to);
  }
}
