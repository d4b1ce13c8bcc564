package io.oplog.connector.lines;

import static io.oplog.testkit.Operations.insert;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.oplog.core.relay.Scan;
import io.oplog.core.relay.Sink;
import io.oplog.protocol.Operation;
import io.oplog.testkit.relay.ExclusiveSinkContract;
import io.oplog.testkit.relay.ListedScan;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LineSinkTest extends ExclusiveSinkContract<Operation> {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final List<IOException> broken = new ArrayList<>();
  private boolean fromNow;

  private final LinePositions positions =
      new LinePositions() {
        private final Map<String, String> kept = new HashMap<>();

        @Override
        public Optional<String> of(String source) {
          return Optional.ofNullable(kept.get(source));
        }

        @Override
        public void reached(String source, String position) {
          kept.put(source, position);
        }
      };

  @Override
  protected Sink<Operation> open() {
    return new LineSink(out, positions, fromNow, broken::add);
  }

  @Override
  protected Operation change(String id) {
    return insert("video", id);
  }

  /** What a reset has made void does not count. */
  @Override
  protected List<String> stored() {
    List<String> ids = new ArrayList<>();
    for (String line : lines()) {
      if (line.startsWith("{\"event\":\"reset\"")) {
        ids.clear();
      } else if (!line.startsWith("{\"event\":\"live\"")) {
        ids.add(line.replaceFirst(".*\"id\":\"([^\"]*)\".*", "$1"));
      }
    }
    return ids;
  }

  private List<String> lines() {
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void everythingStandsBetweenResetAndLive() throws Exception {
    Scan<Operation> scan = new ListedScan<>(List.of(change("a")), "p1");
    open().reconcile("s", Optional.empty(), scan, "the \"first\" time");
    assertThat(lines())
        .containsExactly(
            "{\"event\":\"reset\",\"reason\":\"the \\\"first\\\" time\"}",
            "{\"event\":\"insert\",\"timestamp\":\"2014-11-06T11:04:39.041Z\",\"parents\":[],"
                + "\"type\":\"video\",\"id\":\"a\"}",
            "{\"event\":\"live\"}");
  }

  @Test
  void aScanThatCannotBeginWritesNothing() {
    Scan<Operation> scan =
        new Scan<>() {
          @Override
          public long beginsAtMillis() {
            return 0;
          }

          @Override
          public String read(Taker<? super Operation> taker) throws IOException {
            throw new IOException("nobody there");
          }

          @Override
          public String skip() throws IOException {
            throw new IOException("nobody there");
          }
        };
    assertThatIOException()
        .isThrownBy(() -> open().reconcile("s", Optional.empty(), scan, "a test"));
    assertThat(lines()).isEmpty();
  }

  @Test
  void fromNowOnSkipsWhatExistsAtTheFirstRunAlone() throws Exception {
    fromNow = true;
    Scan<Operation> scan = new ListedScan<>(List.of(change("a")), "p1");
    open().reconcile("s", Optional.empty(), scan, "a test");
    assertThat(lines()).isEmpty();
    assertThat(open().position("s")).contains("p1");
    open().reconcile("s", Optional.of("p1"), scan, "a test");
    assertThat(stored()).containsExactly("a");
  }

  @Test
  void outputThatTakesNoMoreIsTold() throws Exception {
    OutputStream closed =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    Sink<Operation> sink = new LineSink(closed, positions, false, broken::add);
    assertThatIOException().isThrownBy(() -> sink.put("s", Optional.empty(), batch("p1", "a")));
    assertThat(broken).hasSize(1);
    assertThat(sink.position("s")).isEmpty();
  }
}
