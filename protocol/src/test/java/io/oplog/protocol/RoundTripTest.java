package io.oplog.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** Random operations through each pair of codecs. {@code -Dseed=N} repeats a run. */
class RoundTripTest {
  private static final int COUNT = 3000;

  private final long seed = Long.getLong("seed", System.nanoTime());
  private final RandomOperations random = new RandomOperations(seed);
  private final List<Operation> operations = new ArrayList<>();
  private Frames frames = Frames.NONE;

  @BeforeEach
  void encode(TestInfo test) {
    System.out.println(test.getDisplayName() + ": -Dseed=" + seed);
    FrameEncoder encoder = new FrameEncoder();
    for (int i = 0; i < COUNT; i++) {
      operations.add(random.next());
      encoder.add(operations.get(i));
    }
    frames = encoder.take();
  }

  private String frame(int index) {
    int start = frames.start(index);
    return new String(frames.bytes(), start, frames.ends()[index] - start, StandardCharsets.UTF_8);
  }

  @Test
  void throughAFrameAndItsFields() {
    FrameFields fields = new FrameFields();
    for (int i = 0; i < COUNT; i++) {
      fields.reset(frames.bytes(), frames.start(i), frames.ends()[i]);
      assertThat(fields.operation()).isEqualTo(operations.get(i));
    }
  }

  @Test
  void throughAFrameAndTheParserOfEvents() throws Exception {
    List<SseEvent> events = new ArrayList<>();
    new SseParser().feed(frames.bytes(), 0, frames.length(), events::add);
    assertThat(events).hasSize(COUNT);
    for (int i = 0; i < COUNT; i++) {
      assertThat(StreamEvent.decode(events.get(i)))
          .isEqualTo(new StreamEvent.Change(EventId.ZERO, operations.get(i), null));
    }
  }

  @Test
  void throughTheDataAsAProducerSendsIt() throws Exception {
    Inputs inputs = Inputs.withDefaults();
    for (int i = 0; i < COUNT; i++) {
      Operation operation = operations.get(i);
      String data = frame(i).substring(frame(i).indexOf("data: {") + 7).trim();
      String json = "{\"event\":\"" + operation.kind().wireName() + "\"," + data;
      assertThat(inputs.json(json)).containsExactly(operation);
    }
  }

  /** Every line end that HTML, Python's {@code splitlines} or Unicode know. */
  @Test
  void nothingBreaksTheLinesOfAFrame() {
    for (int i = 0; i < COUNT; i++) {
      assertThat(frame(i)).doesNotContainPattern("[\\x00-\\x09\\x0b-\\x1f\\x85\\u2028\\u2029]");
      assertThat(frame(i).split("\n", -1)).hasSize(5);
    }
  }
}
