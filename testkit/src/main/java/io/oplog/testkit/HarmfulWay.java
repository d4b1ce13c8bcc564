package io.oplog.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * What happens to the answers of one connection on their way: they are split anywhere, come late,
 * are cut off, and garbled if that is wished. Confined to one thread.
 */
final class HarmfulWay {
  private static final int LONGEST_DELAY_MILLIS = 20;
  private static final int[] PIECES = {1, 17, 1000, 1 << 14};

  private final OutputStream out;
  private final Random random;
  private final boolean garbles;
  private int left;

  /**
   * @param mostBytes as many pass at most
   */
  HarmfulWay(OutputStream out, long seed, int mostBytes, boolean garbles) {
    this.out = out;
    this.random = new Random(seed);
    this.garbles = garbles;
    this.left = 1 + random.nextInt(mostBytes);
  }

  /**
   * Passes bytes on.
   *
   * @throws IOException when the connection is to be cut
   */
  void write(byte[] bytes, int length) throws IOException, InterruptedException {
    for (int from = 0; from < length; ) {
      int size = Math.min(length - from, PIECES[random.nextInt(PIECES.length)]);
      size = Math.min(size, left);
      if (garbles && random.nextInt(20) == 0) {
        bytes[from + random.nextInt(Math.max(1, size))] = (byte) random.nextInt();
      }
      out.write(bytes, from, size);
      from += size;
      left -= size;
      if (left == 0) {
        throw new IOException("cut off");
      }
      if (random.nextInt(50) == 0) {
        TimeUnit.MILLISECONDS.sleep(random.nextInt(LONGEST_DELAY_MILLIS)); // is the harm itself
      }
    }
  }
}
