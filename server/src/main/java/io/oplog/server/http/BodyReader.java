package io.oplog.server.http;

import io.netty.buffer.ByteBuf;
import io.oplog.protocol.FrameEncoder;
import io.oplog.protocol.Frames;
import io.oplog.protocol.InvalidOperationException;
import io.oplog.protocol.OperationLimits;
import io.oplog.protocol.OperationReader;
import io.oplog.protocol.OperationSink;

/** Turns bodies into frames. Confined to one event loop, whose tools it keeps warm. */
final class BodyReader {
  private static final int SCRATCH_BYTES = 64 << 10;

  private final OperationReader reader;
  private final FrameEncoder encoder;
  private final OperationSink sink;
  private final byte[] scratch = new byte[SCRATCH_BYTES];

  BodyReader(OperationLimits limits) {
    this(new OperationReader(limits), new FrameEncoder());
  }

  BodyReader(OperationReader reader, FrameEncoder encoder) {
    this.reader = reader;
    this.encoder = encoder;
    this.sink = encoder::add;
  }

  /** Reads a body that came in one piece. */
  Frames read(BodyFormat format, ByteBuf body) throws InvalidOperationException {
    int length = body.readableBytes();
    byte[] bytes = length <= scratch.length ? scratch : new byte[length];
    body.readBytes(bytes, 0, length);
    return read(format, bytes, length);
  }

  /**
   * Reads a body's operations, all or none.
   *
   * @throws InvalidOperationException at the first bad one
   */
  Frames read(BodyFormat format, byte[] bytes, int length) throws InvalidOperationException {
    long now = System.currentTimeMillis();
    encoder.clear(); // a body that failed, for whatever reason, left what came before
    if (length > SCRATCH_BYTES) {
      encoder.expect(length);
    }
    switch (format) {
      case JSON -> reader.readJson(bytes, 0, length, now, sink);
      case NDJSON -> reader.readNdjson(bytes, 0, length, now, sink);
    }
    return encoder.take();
  }
}
