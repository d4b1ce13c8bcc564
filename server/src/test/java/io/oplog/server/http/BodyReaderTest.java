package io.oplog.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.oplog.protocol.FrameEncoder;
import io.oplog.protocol.Frames;
import io.oplog.protocol.InvalidOperationException;
import io.oplog.protocol.OperationLimits;
import io.oplog.protocol.OperationReader;
import io.oplog.testkit.Operations;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class BodyReaderTest {
  private static final String ONE = "{\"event\":\"insert\",\"type\":\"video\",\"id\":\"x1\"}";

  private final FrameEncoder encoder = new FrameEncoder();
  private final BodyReader bodies =
      new BodyReader(new OperationReader(OperationLimits.DEFAULTS), encoder);

  private Frames read(String body) throws InvalidOperationException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return bodies.read(BodyFormat.NDJSON, bytes, bytes.length);
  }

  @Test
  void whatCameBeforeABadLineIsInNoOtherBody() throws Exception {
    assertThatThrownBy(() -> read(ONE + "\nnonsense"))
        .isInstanceOf(InvalidOperationException.class);
    assertThat(read(ONE).count()).isEqualTo(1);
  }

  /** As an error in the middle of a body would leave it. */
  @Test
  void whatAnUnexpectedFailureLeftIsInNoOtherBody() throws Exception {
    encoder.add(Operations.insert("video", "left"));
    assertThat(read(ONE).count()).isEqualTo(1);
  }
}
