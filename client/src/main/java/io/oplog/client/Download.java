package io.oplog.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an address answers, read as it comes. A body that ends before its announced length is an
 * error, and so is silence. A password in the address is sent, and shown nowhere. Thread-confined.
 */
public final class Download extends InputStream {
  private final ByteChunks body;
  private final Duration silence;
  private final long length;
  private final Deque<ByteBuffer> read = new ArrayDeque<>();

  private Download(ByteChunks body, Duration silence, long length) {
    this.body = body;
    this.silence = silence;
    this.length = length;
  }

  /**
   * Asks for it.
   *
   * @param silence how long the answer, and later each byte, may take
   * @throws IOException when there is none, or another one than 200
   */
  public static Download open(URI url, Duration silence) throws IOException, InterruptedException {
    ByteChunks body = new ByteChunks();
    try {
      HttpResponse<ByteChunks> answer =
          Http.await(endpoint(url), Http.CLIENT.sendAsync(request(url), info -> body), silence);
      if (answer.statusCode() != 200) {
        body.cancel();
        throw new IOException("it answered " + answer.statusCode());
      }
      long length = answer.headers().firstValueAsLong("Content-Length").orElse(0);
      return new Download(body, silence, length);
    } catch (IllegalArgumentException e) {
      throw new IOException("not an address that can be asked", e);
    }
  }

  private static HttpRequest request(URI url) {
    HttpRequest.Builder request = HttpRequest.newBuilder(withoutUser(url));
    String user = url.getUserInfo();
    if (user != null) {
      byte[] pair = user.getBytes(StandardCharsets.UTF_8);
      request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(pair));
    }
    return request.build();
  }

  /** For messages. */
  private static Endpoint endpoint(URI url) {
    return Endpoint.of(withoutUser(url).toString().replaceFirst("[?#].*", ""));
  }

  private static URI withoutUser(URI url) {
    String user = url.getRawUserInfo();
    return user == null ? url : URI.create(url.toString().replaceFirst("//[^/?#]*@", "//"));
  }

  /** Bytes in all; 0 where that was not said. */
  public long length() {
    return length;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int count) throws IOException {
    if (count == 0) {
      return 0;
    }
    ByteBuffer next = next();
    if (next == null) {
      return -1;
    }
    int taken = Math.min(count, next.remaining());
    next.get(bytes, offset, taken);
    return taken;
  }

  private @Nullable ByteBuffer next() throws IOException {
    while (!read.isEmpty() && !read.element().hasRemaining()) {
      read.remove();
    }
    if (read.isEmpty()) {
      List<ByteBuffer> more = more();
      if (more == null) {
        return null;
      }
      read.addAll(more);
      return next();
    }
    return read.element();
  }

  private @Nullable List<ByteBuffer> more() throws IOException {
    try {
      return body.next(silence);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  @Override
  public void close() {
    body.cancel();
  }
}
