package io.oplog.protocol;

/**
 * A run of complete SSE frames of operations or states, back to back, in the layout of {@link
 * Frame}.
 *
 * <p>The arrays are shared, not copied: whoever holds a {@code Frames} must not change them, except
 * for the one owner that puts the ids in before it publishes it.
 *
 * @param bytes the frames; the last one ends at the last entry of {@code ends}, which may be less
 *     than the length of the array
 * @param ends for each frame the offset just after it; rising
 */
@SuppressWarnings("ArrayRecordComponent") // shared on purpose: these are the bytes that go out
public record Frames(byte[] bytes, int[] ends) {

  /** No frame at all. */
  public static final Frames NONE = new Frames(new byte[0], new int[0]);

  /** How many frames. */
  public int count() {
    return ends.length;
  }

  /** How many bytes, all frames together. */
  public int length() {
    return ends.length == 0 ? 0 : ends[ends.length - 1];
  }

  /** Where frame {@code index} starts. */
  public int start(int index) {
    return index == 0 ? 0 : ends[index - 1];
  }
}
