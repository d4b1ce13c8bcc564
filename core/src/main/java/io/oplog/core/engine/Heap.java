package io.oplog.core.engine;

/**
 * The parts of the Java heap that the bounds are made of, so that together they leave room for the
 * rest, whatever the heap's size. A body has at most one part, and of what is left when the program
 * itself has its share there are 26:
 *
 * <pre>
 *  3    half-read bodies
 *  7    bodies that are being made frames of
 *  3    operations that wait to be stored or are being stored; a lone body may have one more
 *  6.6  the writer's two copies of a body's frames
 *  1.5  the log's end for live consumers; a body may have twice as much
 *  1.5  pages for consumers that are behind
 *  2    filters of open streams
 * </pre>
 */
public final class Heap {
  private static final int PARTS = 26;
  private static final long PROGRAM_BYTES = 32L << 20;

  private Heap() {}

  /** The heap, in bytes, whose one part is this long. */
  public static long having(long part) {
    return PROGRAM_BYTES + PARTS * part;
  }

  /**
   * So many parts of the largest heap this process may have, in bytes.
   *
   * @param most the bound where there is more
   */
  public static long parts(double parts, long most) {
    long heap = Runtime.getRuntime().maxMemory();
    long shared = Math.max(heap / 4, heap - PROGRAM_BYTES);
    return Math.min(most, (long) ((double) shared / PARTS * parts));
  }
}
