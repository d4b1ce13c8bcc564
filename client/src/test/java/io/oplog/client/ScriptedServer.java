package io.oplog.client;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPInputStream;

/** A server that answers each request, on a connection of its own, as the test says. */
final class ScriptedServer implements Closeable {
  /** Bytes that no client wants to hold: 64 MiB. */
  static final long LARGE = 64 << 20;

  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final List<Socket> open = new CopyOnWriteArrayList<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final Script script;

  /** What was asked. Header names are in lower case; the body is unpacked. */
  record Request(String method, String target, Map<String, String> headers, String body) {
    String header(String name) {
      return headers.getOrDefault(name, "");
    }
  }

  /** Answers the n-th request, counted from 0; the connection ends with it. */
  interface Script {
    void answer(int n, Request request, OutputStream out) throws Exception;
  }

  ScriptedServer(Script script) throws IOException {
    this.script = script;
    start(this::accept);
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "scripted");
    thread.setDaemon(true);
    thread.start();
  }

  Endpoint endpoint() {
    return Endpoint.of("http://127.0.0.1:" + listener.getLocalPort());
  }

  List<Request> requests() {
    return requests;
  }

  private void accept() {
    try {
      while (!listener.isClosed()) {
        Socket socket = listener.accept();
        open.add(socket);
        start(() -> serve(socket));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      Request request = read(new BufferedInputStream(socket.getInputStream()));
      int n;
      synchronized (requests) {
        n = requests.size();
        requests.add(request);
      }
      script.answer(n, request, socket.getOutputStream());
    } catch (Exception e) {
      // the client went away, which tests do
    }
  }

  private static Request read(InputStream in) throws IOException {
    String[] first = line(in).split(" ", -1);
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    byte[] sent = in.readNBytes(length);
    byte[] body = headers.containsKey("content-encoding") ? unpacked(sent) : sent;
    return new Request(first[0], first[1], headers, new String(body, StandardCharsets.UTF_8));
  }

  private static byte[] unpacked(byte[] packed) throws IOException {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(packed))) {
      return in.readAllBytes();
    }
  }

  private static String line(InputStream in) throws IOException {
    List<Byte> bytes = new ArrayList<>();
    for (int b = in.read(); b != '\n' && b >= 0; b = in.read()) {
      bytes.add((byte) b);
    }
    StringBuilder text = new StringBuilder();
    bytes.forEach(b -> text.append((char) b.byteValue()));
    return text.toString().strip();
  }

  static void send(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  static void status(OutputStream out, int status, String headers, String body) throws IOException {
    send(
        out,
        "HTTP/1.1 "
            + status
            + " x\r\n"
            + headers
            + "Connection: close\r\nContent-Length: "
            + body.getBytes(StandardCharsets.UTF_8).length
            + "\r\n\r\n"
            + body);
  }

  /** Answers with {@link #LARGE} bytes, or as many as are taken; {@code sent} counts them. */
  static ScriptedServer large(int status, AtomicLong sent) throws IOException {
    byte[] part = "x".repeat(1 << 16).getBytes(StandardCharsets.UTF_8);
    return new ScriptedServer((n, request, out) -> {
      send(out, "HTTP/1.1 " + status + " x\r\nConnection: close\r\n\r\n");
      while (sent.get() < LARGE) {
        out.write(part);
        sent.addAndGet(part.length);
      }
    });
  }

  static void startStream(OutputStream out) throws IOException {
    String type = "Content-Type: text/event-stream; charset=utf-8\r\n";
    send(out, "HTTP/1.1 200 OK\r\n" + type + "Connection: close\r\n\r\n");
  }

  static String event(String type, long sequence) {
    return "id: " + id(sequence) + "\nevent: " + type + "\ndata: {}\n\n";
  }

  static String id(long sequence) {
    return String.format("6920c0de0001%012x", sequence);
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
