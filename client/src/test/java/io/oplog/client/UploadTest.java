package io.oplog.client;

import static io.oplog.client.ScriptedServer.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.oplog.client.ScriptedServer.Request;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class UploadTest {
  private static final RetryPolicy QUICK =
      new RetryPolicy(Duration.ofMillis(2), Duration.ofMillis(20), Duration.ofSeconds(10));

  private final List<String> stored = new CopyOnWriteArrayList<>();
  private String position = "";
  private long reported;
  private long skipped;

  private static String line(int n) {
    return "{\"event\":\"update\",\"type\":\"t\",\"id\":\"" + n + "\"}";
  }

  private static String lines(int from, int to) {
    return IntStream.rangeClosed(from, to)
        .mapToObj(n -> line(n) + "\n")
        .collect(Collectors.joining());
  }

  private static InputStream in(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Stores as a server does; the answers that {@code lost} names never arrive. */
  private ScriptedServer storing(IntPredicate lost) throws IOException {
    return new ScriptedServer((n, request, out) -> store(lost.test(n), request, out));
  }

  private synchronized void store(boolean lost, Request request, OutputStream out)
      throws IOException {
    String[] header = request.header("oplog-source").split("; ", -1);
    String from = header.length == 3 ? header[1].substring("from=".length()) : "";
    boolean fits = from.equals(position);
    if (fits) {
      position = header[header.length - 1].substring("to=".length());
      request.body().lines().filter(line -> !line.isBlank()).forEach(stored::add);
    }
    if (!lost) {
      String now = position.isEmpty() ? header[0] : header[0] + "; to=" + position;
      status(out, fits ? 204 : 409, fits ? "" : "Oplog-Source: " + now + "\r\n", "");
    }
  }

  private Upload upload(ScriptedServer server, int batch) {
    IngestClient ingest = new IngestClient(server.endpoint(), QUICK, ConnectionListener.SILENT);
    return Upload.resuming(
        ingest,
        "test",
        batch,
        new Upload.Progress() {
          @Override
          public void stored(long operations, long throughLine) {
            reported += operations;
          }

          @Override
          public void skipped(long throughLine) {
            skipped = throughLine;
          }
        });
  }

  private void assertStored(int last) {
    assertThat(stored)
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, last).mapToObj(UploadTest::line).toList());
  }

  @Test
  void everyLineIsStoredInOrder() throws Exception {
    try (ScriptedServer server = storing(n -> false)) {
      upload(server, 7).run(in(lines(1, 100)));
      assertStored(100);
      assertThat(reported).isEqualTo(100);
      assertThat(server.requests())
          .extracting(request -> request.header("oplog-source"))
          .startsWith("test; from=0; to=0", "test; to=7", "test; from=7; to=14");
    }
  }

  @Test
  void anAnswerThatIsLostRepeatsNothing() throws Exception {
    try (ScriptedServer server = storing(n -> n % 3 == 1)) {
      upload(server, 10).run(in(lines(1, 100)));
      assertStored(100);
      assertThat(reported).isEqualTo(100);
    }
  }

  @Test
  void backPressureIsWaitedOut() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer((n, request, out) -> {
          if (n % 2 == 0) {
            status(out, n % 4 == 0 ? 429 : 503, "Retry-After: 0\r\n", "");
          } else {
            store(false, request, out);
          }
        })) {
      upload(server, 10).run(in(lines(1, 30)));
      assertStored(30);
    }
  }

  @Test
  void aSecondRunUnderTheSameNameGoesOnWhereTheFirstEnded() throws Exception {
    try (ScriptedServer server = storing(n -> false)) {
      upload(server, 10).run(in(lines(1, 25)));
      upload(server, 7).run(in(lines(1, 60)));
      assertStored(60);
      assertThat(skipped).isEqualTo(25);
      assertThat(reported).isEqualTo(60);
    }
  }

  @Test
  void aFinishedRunThatIsRepeatedSendsNoOperation() throws Exception {
    try (ScriptedServer server = storing(n -> false)) {
      upload(server, 10).run(in(lines(1, 25)));
      int before = server.requests().size();
      upload(server, 10).run(in(lines(1, 25)));
      assertStored(25);
      assertThat(skipped).isEqualTo(25);
      assertThat(reported).isEqualTo(25);
      assertThat(server.requests().subList(before, server.requests().size()))
          .extracting(Request::body)
          .containsExactly("[]");
    }
  }

  @Test
  void aSourceThatCountsNoLinesIsAnError() throws Exception {
    position = "elsewhere";
    try (ScriptedServer server = storing(n -> false)) {
      assertThatThrownBy(() -> upload(server, 10).run(in(lines(1, 3))))
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("elsewhere");
      assertThat(stored).isEmpty();
    }
  }

  @Test
  void everyWholeLineBeforeTheInputFailsIsStored() throws Exception {
    try (ScriptedServer server = storing(n -> false)) {
      InputStream cut = new SequenceInputStream(in(lines(1, 23) + line(24)), new Failing());
      BrokenInputException broken =
          catchThrowableOfType(BrokenInputException.class, () -> upload(server, 10).run(cut));
      assertThat(broken.lastLine()).isEqualTo(23);
      assertThat(broken).hasMessage("after line 23: ends unexpectedly");
      assertStored(23);
      assertThat(reported).isEqualTo(23);
    }
  }

  /** A packed input that was cut. */
  private static final class Failing extends InputStream {
    @Override
    public int read() throws IOException {
      throw new EOFException("Unexpected end of ZLIB input stream");
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      return read();
    }

    @Override
    public int available() {
      return 1;
    }
  }

  @Test
  void whatWasSentIsAwaitedWhenALineIsTooLong() throws Exception {
    String tooLong = "x".repeat(5 * 1024 * 1024);
    try (ScriptedServer server = storing(n -> false)) {
      assertThatThrownBy(() -> upload(server, 10).run(in(lines(1, 20) + tooLong)))
          .isInstanceOf(BrokenLineException.class);
      assertThat(reported).isEqualTo(20);
    }
  }

  @Test
  void anUploadThatIsStoppedEndsAfterTheBatchOnItsWay() throws Exception {
    try (ScriptedServer server = storing(n -> false)) {
      IngestClient ingest = new IngestClient(server.endpoint(), QUICK, ConnectionListener.SILENT);
      AtomicReference<Upload> upload = new AtomicReference<>();
      upload.set(
          Upload.resuming(
              ingest,
              "test",
              10,
              (operations, line) -> {
                reported += operations;
                upload.get().stop();
              }));
      upload.get().run(in(lines(1, 100)));
      assertThat(reported).isEqualTo(20);
      assertStored(20);
    }
  }

  @Test
  void aSourceThatMovesUnderUsIsAnError() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer((n, request, out) -> {
          if (n == 2) {
            status(out, 409, "Oplog-Source: test; to=elsewhere\r\n", "");
          } else {
            store(false, request, out);
          }
        })) {
      assertThatThrownBy(() -> upload(server, 10).run(in(lines(1, 30))))
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("elsewhere");
      assertStored(10);
    }
  }

  @Test
  void allBeforeABrokenLineIsStoredAndNothingFromItOn() throws Exception {
    try (ScriptedServer server = storing(n -> false)) {
      String text = lines(1, 23) + "\n{\"event\":\"create\"}\n" + lines(24, 60);
      BrokenLineException broken =
          catchThrowableOfType(BrokenLineException.class, () -> upload(server, 10).run(in(text)));
      assertThat(broken.line()).isEqualTo(25);
      assertThat(broken).hasMessageStartingWith("line 25: ");
      assertStored(23);
    }
  }

  @Test
  void aLineThatOnlyTheServerRefusesIsNamedByItsPlaceInTheFile() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer((n, request, out) -> {
          if (n == 2) {
            status(out, 400, "", "{\"status\":400,\"detail\":\"line 4: id too long\"}");
          } else {
            store(false, request, out);
          }
        })) {
      BrokenLineException broken =
          catchThrowableOfType(
              BrokenLineException.class, () -> upload(server, 10).run(in(lines(1, 30))));
      assertThat(broken.line()).isEqualTo(14);
      assertStored(13);
      assertThat(broken).hasMessageContaining("id too long");
    }
  }

  @Test
  void blankLinesCarriageReturnsAndAMissingEndAreFine() throws Exception {
    try (ScriptedServer server = storing(n -> false)) {
      upload(server, 2).run(in("\r\n" + line(1) + "\r\n\n\n\n" + line(2) + "\n\n" + line(3)));
      assertThat(stored).containsExactly(line(1), line(2), line(3));
    }
  }

  @Test
  void aNewSourceIsNotAskedForItsPosition() throws Exception {
    try (ScriptedServer server = storing(n -> n == 0)) {
      fresh(server).run(in(lines(1, 15)));
      assertStored(15);
      assertThat(server.requests())
          .extracting(request -> request.header("oplog-source"))
          .containsExactly("test; to=10", "test; to=10", "test; from=10; to=15");
    }
  }

  private static Upload fresh(ScriptedServer server) {
    IngestClient ingest = new IngestClient(server.endpoint(), QUICK, ConnectionListener.SILENT);
    return Upload.fresh(ingest, "test", 10, (operations, line) -> {});
  }

  @Test
  void anEmptyInputOfANewSourceSendsNothing() throws Exception {
    try (ScriptedServer server = storing(n -> false)) {
      fresh(server).run(in("\n\n"));
      assertThat(server.requests()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 9})
  void anInputThatEndsBeforeWhereItsSourceStandsIsAnError(int lines) throws Exception {
    try (ScriptedServer server = storing(n -> false)) {
      upload(server, 10).run(in(lines(1, 10)));
      ShortInputException shorter =
          catchThrowableOfType(
              ShortInputException.class, () -> upload(server, 2).run(in(lines(1, lines))));
      assertThat(shorter)
          .hasMessage("ends after line " + lines + ", and the source test has line 10 already");
      assertStored(10);
    }
  }

  /** Stores bodies of at most 200 bytes, which is four lines. */
  private ScriptedServer small() throws IOException {
    return new ScriptedServer((n, request, out) -> {
      if (request.body().length() > 200) {
        status(out, 413, "", "{\"detail\":\"a body must have at most 200 bytes\"}");
      } else {
        store(false, request, out);
      }
    });
  }

  @Test
  void aServerWithASmallLimitGetsSmallerBatches() throws Exception {
    try (ScriptedServer server = small()) {
      upload(server, 30).run(in(lines(1, 61) + "\n\n" + lines(62, 99)));
      assertStored(99);
      assertThat(reported).isEqualTo(99);
      assertThat(server.requests())
          .filteredOn(request -> request.body().length() > 200)
          .hasSizeLessThanOrEqualTo(5); // the limit is learned by the first batch
    }
  }

  @Test
  void anAnswerThatIsLostAmongHalvesRepeatsNothing() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer((n, request, out) -> {
          if (request.body().length() > 200) {
            status(out, 413, "", "");
          } else {
            store(n % 3 == 1, request, out);
          }
        })) {
      upload(server, 30).run(in(lines(1, 99)));
      assertStored(99);
    }
  }

  @Test
  void aLineThatTheServerNeverTakesIsNamedWithItsLimit() throws Exception {
    String large = "{\"event\":\"update\",\"type\":\"t\",\"id\":\"" + "x".repeat(200) + "\"}\n";
    try (ScriptedServer server = small()) {
      BrokenLineException broken =
          catchThrowableOfType(
              BrokenLineException.class,
              () -> upload(server, 30).run(in(lines(1, 23) + large + lines(24, 40))));
      assertThat(broken.line()).isEqualTo(24);
      assertThat(broken)
          .hasMessageStartingWith("line 24: of " + large.length() + " bytes: ")
          .hasMessageEndingWith("a body must have at most 200 bytes");
      assertStored(23);
      assertThat(reported).isEqualTo(23);
    }
  }

  @Test
  void theLinesOfASlowPipeAreNotHeldBack() throws Exception {
    CountDownLatch first = new CountDownLatch(1);
    PipedOutputStream pipe = new PipedOutputStream();
    try (ScriptedServer server = storing(n -> false);
        InputStream in = new PipedInputStream(pipe)) {
      IngestClient ingest = new IngestClient(server.endpoint(), QUICK, ConnectionListener.SILENT);
      Upload upload = Upload.resuming(ingest, "test", 10, (operations, line) -> first.countDown());
      Thread writer = new Thread(() -> writeTwo(pipe, first));
      writer.start();
      upload.run(in);
      writer.join();
      assertStored(2);
    }
  }

  /** The second line is written once the first is stored. */
  private static void writeTwo(PipedOutputStream pipe, CountDownLatch first) {
    try (pipe) {
      pipe.write((line(1) + "\n").getBytes(StandardCharsets.UTF_8));
      pipe.flush();
      first.await();
      pipe.write((line(2) + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aServerThatIsGoneIsGivenUp() throws Exception {
    Endpoint gone;
    try (ScriptedServer server = storing(n -> false)) {
      gone = server.endpoint();
    }
    RetryPolicy brief = QUICK.givingUpAfter(Duration.ofMillis(50));
    IngestClient ingest = new IngestClient(gone, brief, ConnectionListener.SILENT);
    assertThatThrownBy(() -> Upload.resuming(ingest, "test", 10, (a, b) -> {}).run(in(lines(1, 3))))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("cannot connect");
  }
}
