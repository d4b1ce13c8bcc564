package io.oplog.server.crash;

import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How to start the built program: its launcher and its jar, on one data directory and one port. It
 * can be started again and again.
 *
 * @param port of TCP and of UDP
 * @param flags more of the command line
 * @param environment more variables
 */
record ServerProgram(Path data, int port, List<String> flags, Map<String, String> environment) {

  private static final String JVM = "-Xmx160m -XX:TieredStopAtLevel=1 -XX:+ExitOnOutOfMemoryError";

  static ServerProgram on(Path data) throws IOException {
    return new ServerProgram(data, freePort(), List.of(), Map.of());
  }

  /**
   * A port that nobody has, for TCP and UDP, below those that systems give to outgoing connections:
   * a client that tries again and again while the server is away would in the end get the server's
   * own port, and be connected with itself.
   */
  private static int freePort() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    for (int attempt = 1; ; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(15_000, 32_000);
      try (ServerSocket tcp = new ServerSocket(port, 1, loopback);
          DatagramSocket udp = new DatagramSocket(port, loopback)) {
        return Math.min(tcp.getLocalPort(), udp.getLocalPort());
      } catch (BindException e) {
        if (attempt == 100) {
          throw e;
        }
      }
    }
  }

  ServerProgram with(String... more) {
    List<String> all = new ArrayList<>(flags);
    all.addAll(List.of(more));
    return new ServerProgram(data, port, List.copyOf(all), environment);
  }

  ServerProgram with(Map<String, String> more) {
    Map<String, String> all = new HashMap<>(environment);
    all.putAll(more);
    return new ServerProgram(data, port, flags, Map.copyOf(all));
  }

  ServerProcess start() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("oplog.root", "..")).resolve("oplog").toString());
    command.addAll(List.of("serve", "--listen", "127.0.0.1:" + port, "--data", data.toString()));
    command.addAll(flags);
    ProcessBuilder builder = new ProcessBuilder(command);
    Path jar = Path.of(System.getProperty("oplog.jar", "target/oplog.jar")).toAbsolutePath();
    builder.environment().keySet().removeIf(name -> name.startsWith("OPLOG"));
    builder.environment().put("OPLOG_JAR", jar.toString());
    builder.environment().put("OPLOG_JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("OPLOG_JAVA_OPTS", JVM);
    builder.environment().putAll(environment);
    return ServerProcess.start(builder, port);
  }
}
