package io.oplog.core.memory;

import io.oplog.protocol.Frames;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/** Puts single frames back to back. */
final class FrameCollector {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final List<Integer> ends = new ArrayList<>();

  void add(byte[] frame) {
    bytes.writeBytes(frame);
    ends.add(bytes.size());
  }

  /** Whether a page of at most {@code maxBytes} takes this frame too; it always takes one. */
  boolean fits(byte[] frame, int maxBytes) {
    return ends.isEmpty() || bytes.size() + frame.length <= maxBytes;
  }

  Frames take() {
    return new Frames(bytes.toByteArray(), ends.stream().mapToInt(Integer::intValue).toArray());
  }
}
