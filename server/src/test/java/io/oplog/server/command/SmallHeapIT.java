package io.oplog.server.command;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server whose heap is small, and producers that send as much as they can at once. */
@Timeout(180)
class SmallHeapIT {
  private static final int PRODUCERS = 24;
  private static final int REQUESTS = 6;
  private static final int PIECE = 64 << 10;
  private static final int TURNED_AWAY = 429;

  /**
   * The operations whose frames are largest beside their JSON, in the longest body that heap takes.
   */
  private static final String LINE = "{\"event\":\"insert\",\"type\":\"a\",\"id\":\"b\"}\n";

  private static final int LINES = 120_000;
  private static final byte[] BODY = LINE.repeat(LINES).getBytes(US_ASCII);

  @TempDir Path folder;

  @Test
  void bodiesThatDoNotFitTogetherAreTurnedAwayAndAcknowledgedOnesAreKept() throws Exception {
    OplogProcess.Builder serving =
        OplogProcess.serving(folder, "--event-loops", "4", "--no-udp")
            .with(Map.of("OPLOG_JAVA_OPTS", "-Xmx160m"));
    try (OplogProcess server = serving.start()) {
      server.awaitListening();
      List<Integer> answers = postFromAll(server.port());
      assertThat(answers).as(server.err()).isSubsetOf(204, TURNED_AWAY, 503).contains(204);
      assertThat(server.isAlive()).isTrue();
      long acknowledged = answers.stream().filter(status -> status == 204).count();
      CommandRun status = CommandRun.of("status", "--url", server.url());
      assertThat(status.out()).containsPattern("head +" + acknowledged * LINES + "\n");
    }
  }

  private static List<Integer> postFromAll(int port) throws Exception {
    List<Integer> answers = new ArrayList<>();
    try (ExecutorService producers = Executors.newFixedThreadPool(PRODUCERS)) {
      List<Future<Integer>> sent = new ArrayList<>();
      for (int i = 0; i < PRODUCERS * REQUESTS; i++) {
        sent.add(producers.submit(() -> post(port)));
      }
      for (Future<Integer> answer : sent) {
        answers.add(answer.get());
      }
    }
    return answers;
  }

  /** Sends until an answer comes, and gives its status. */
  private static int post(int port) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      OutputStream out = socket.getOutputStream();
      InputStream in = socket.getInputStream();
      String head =
          "POST /ops HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nContent-Length: "
              + BODY.length
              + "\r\n\r\n";
      out.write(head.getBytes(US_ASCII));
      try {
        send(out, in);
      } catch (IOException e) {
        return TURNED_AWAY; // before its end, and the connection closed before the answer was read
      }
      String status = new String(in.readNBytes("HTTP/1.1 204".length()), US_ASCII);
      return Integer.parseInt(status.substring("HTTP/1.1 ".length()));
    }
  }

  private static void send(OutputStream out, InputStream in) throws IOException {
    for (int at = 0; at < BODY.length && in.available() == 0; at += PIECE) {
      out.write(BODY, at, Math.min(PIECE, BODY.length - at));
    }
  }
}
