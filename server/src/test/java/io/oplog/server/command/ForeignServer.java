package io.oplog.server.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** A server that answers each request with the same bytes, and leaves the connection open. */
final class ForeignServer implements AutoCloseable {
  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final byte[] answer;

  ForeignServer(String answer) throws IOException {
    this.answer = answer.getBytes(UTF_8);
    Thread _ = Thread.startVirtualThread(this::accept);
  }

  /** One that sends events. */
  static ForeignServer streaming(String events) throws IOException {
    String type = "Content-Type: text/event-stream\r\n";
    return new ForeignServer("HTTP/1.1 200 OK\r\n" + type + "Connection: close\r\n\r\n" + events);
  }

  /** One that answers with a status and a body. */
  static ForeignServer answering(int status, String body) throws IOException {
    int length = body.getBytes(UTF_8).length;
    return new ForeignServer(
        "HTTP/1.1 " + status + " x\r\nContent-Length: " + length + "\r\n\r\n" + body);
  }

  String url() {
    return "http://127.0.0.1:" + listener.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        Thread _ = Thread.startVirtualThread(() -> answer(socket));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void answer(Socket socket) {
    try (socket) {
      BufferedReader request =
          new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
      String line = request.readLine();
      while (line != null) { // until the client goes
        if (line.isEmpty()) {
          socket.getOutputStream().write(answer);
        }
        line = request.readLine();
      }
    } catch (IOException e) {
      // it went
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
