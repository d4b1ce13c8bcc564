package io.oplog.protocol;

/** A {@link Filter} made ready to be held against the bytes of frames. Immutable. */
public final class FrameFilter {
  /** Passes everything. */
  public static final FrameFilter ALL = new FrameFilter(Filter.ALL);

  private final Filter filter;

  public FrameFilter(Filter filter) {
    this.filter = filter;
  }

  public Filter filter() {
    return filter;
  }

  public boolean isAll() {
    return filter.isAll();
  }

  /** Whether the frame that starts at {@code from} has one of the types and one of the parents. */
  public boolean matches(byte[] bytes, int from) {
    return isAll() && from < bytes.length; // narrowed once frames can be scanned
  }
}
