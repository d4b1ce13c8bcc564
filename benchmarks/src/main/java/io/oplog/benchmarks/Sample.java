package io.oplog.benchmarks;

import io.oplog.protocol.FrameEncoder;
import io.oplog.protocol.Frames;
import io.oplog.protocol.InvalidOperationException;
import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationLimits;
import io.oplog.protocol.OperationReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A thousand operations of 127 bytes and some, always the same ones. */
final class Sample {
  static final int OPERATIONS = 1000;

  private static final long SEED = 8042;

  private Sample() {}

  /** As a producer sends them, one a line. */
  static byte[] ndjson() {
    Random random = new Random(SEED);
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < OPERATIONS; i++) {
      lines.append(line(random)).append('\n');
    }
    return lines.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** One of them. */
  static byte[] json() {
    return line(new Random(SEED)).getBytes(StandardCharsets.UTF_8);
  }

  private static String line(Random random) {
    return "{\"event\":\"update\",\"type\":\"t%05d\",\"id\":\"%016x\",\"parents\":[\"user/%d\"],\"timestamp\":\"2026-11-22T10:20:30.%03dZ\"}"
        .formatted(
            random.nextInt(100), random.nextLong(), random.nextInt(100), random.nextInt(1000));
  }

  static List<Operation> operations() {
    byte[] body = ndjson();
    List<Operation> operations = new ArrayList<>();
    try {
      new OperationReader(OperationLimits.DEFAULTS)
          .readNdjson(body, 0, body.length, 0, operations::add);
    } catch (InvalidOperationException e) {
      throw new IllegalStateException(e);
    }
    return operations;
  }

  /** As the log holds them, and as consumers get them. */
  static Frames frames() {
    FrameEncoder encoder = new FrameEncoder();
    operations().forEach(encoder::add);
    return encoder.take();
  }
}
