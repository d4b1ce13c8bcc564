package io.oplog.server.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/** Unpacks a body into one that is bounded as any other, whatever the packed one says of itself. */
final class PackedBody {
  private static final int PIECE_BYTES = 8 << 10;

  /** What became of it. */
  enum Outcome {
    WHOLE,
    /** It has more bytes than a body may have. */
    TOO_LARGE,
    /** The budget of all connections is used up. */
    NO_ROOM
  }

  private PackedBody() {}

  /**
   * Adds what is packed to another body.
   *
   * @param most how many bytes that may have
   * @throws IOException when it is not gzip, or not whole
   */
  static Outcome unpack(Body packed, Body into, int most) throws IOException {
    byte[] piece = new byte[PIECE_BYTES];
    try (InputStream in = open(packed)) {
      for (int size = in.read(piece); size >= 0; size = in.read(piece)) {
        if (into.length() + size > most) {
          return Outcome.TOO_LARGE;
        }
        if (!into.add(piece, size)) {
          return Outcome.NO_ROOM;
        }
      }
    }
    return Outcome.WHOLE;
  }

  private static InputStream open(Body packed) throws IOException {
    return new GZIPInputStream(
        new ByteArrayInputStream(packed.bytes(), 0, packed.length()), PIECE_BYTES);
  }
}
