package io.oplog.server.crash;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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

  /** A port that nobody has, for TCP and UDP. */
  private static int freePort() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (ServerSocket tcp = new ServerSocket(0, 1, loopback);
        DatagramSocket udp = new DatagramSocket(tcp.getLocalPort(), loopback)) {
      return udp.getLocalPort();
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
