package io.oplog.server.http;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.resolver.NoopAddressResolverGroup;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The server whose streams this one hands on. Its text holds no secret. Any thread.
 *
 * <p>A stream is asked for with the consumer's own query, position and accepted types, and with
 * this server's password: what it holds may differ from what consumers must show here.
 */
public final class Upstream {
  private static final int CONNECT_MILLIS = 5000;
  private static final int KEEP_IDLE_SECONDS = 60;
  private static final int KEEP_INTERVAL_SECONDS = 15;
  private static final int USER_TIMEOUT_MILLIS = 120_000;
  private static final String OPERATIONS = "/ops";

  private final URI url;
  private final @Nullable String password;
  private final @Nullable SslContext tls;

  private Upstream(URI url, @Nullable String password, @Nullable SslContext tls) {
    this.url = url;
    this.password = password;
    this.tls = tls;
  }

  /**
   * A server at {@code http://host:port} or {@code https://host:port}, perhaps with a path before
   * {@code /ops}.
   *
   * @param password of its stream; null where it wants none
   */
  public static Upstream of(URI url, @Nullable String password) throws SSLException {
    boolean secure = "https".equalsIgnoreCase(url.getScheme());
    return new Upstream(url, password, secure ? SslContextBuilder.forClient().build() : null);
  }

  private int port() {
    return url.getPort() >= 0 ? url.getPort() : tls == null ? 80 : 443;
  }

  /**
   * What it is asked in place of a consumer's request.
   *
   * @throws IllegalArgumentException when that could be read as something else there
   */
  byte[] request(HttpRequest asked) {
    StringBuilder text = new StringBuilder(256);
    int query = asked.uri().indexOf('?');
    text.append(asked.method().name()).append(' ').append(path());
    text.append(query < 0 ? "" : plain(asked.uri().substring(query))).append(" HTTP/1.1\r\n");
    header(text, "Host", url.getPort() < 0 ? url.getHost() : url.getHost() + ":" + port());
    header(text, "Connection", "close");
    header(text, "Accept-Encoding", "identity");
    if (password != null) {
      header(text, "Authorization", basic(password));
    }
    copy(asked, HttpHeaderNames.ACCEPT.toString(), text);
    copy(asked, Target.LAST_EVENT_ID, text);
    copy(asked, HttpHeaderNames.ORIGIN.toString(), text);
    copy(asked, HttpHeaderNames.USER_AGENT.toString(), text);
    return text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1); // as it came
  }

  private String path() {
    String before = url.getRawPath() == null ? "" : url.getRawPath();
    return before.replaceFirst("/+$", "") + OPERATIONS;
  }

  private static void copy(HttpRequest asked, String name, StringBuilder into) {
    asked.headers().getAll(name).forEach(value -> header(into, name, plain(value)));
  }

  private static String plain(String text) {
    if (text.chars().anyMatch(c -> (c < ' ' && c != '\t') || c == 0x7f || c > 0xff)) {
      throw new IllegalArgumentException("a control character stands in the request's head");
    }
    return text;
  }

  private static void header(StringBuilder into, String name, String value) {
    into.append(name).append(": ").append(value).append("\r\n");
  }

  private static String basic(String secret) {
    byte[] pair = ("oplog:" + secret).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }

  /** Looks its name up; blocks. */
  InetSocketAddress resolve() {
    return new InetSocketAddress(url.getHost(), port());
  }

  /**
   * Connects on an event loop.
   *
   * @param kind of channel that the loop serves
   * @param handler gets its bytes
   */
  ChannelFuture connect(
      InetSocketAddress address, EventLoop loop, Channel kind, ChannelHandler handler) {
    Bootstrap bootstrap = bootstrap(loop, kind, handler);
    if (kind instanceof EpollSocketChannel) {
      bootstrap
          .option(EpollChannelOption.TCP_KEEPIDLE, KEEP_IDLE_SECONDS)
          .option(EpollChannelOption.TCP_KEEPINTVL, KEEP_INTERVAL_SECONDS)
          .option(EpollChannelOption.TCP_USER_TIMEOUT, USER_TIMEOUT_MILLIS);
    }
    return bootstrap.connect(address);
  }

  private Bootstrap bootstrap(EventLoop loop, Channel kind, ChannelHandler handler) {
    return new Bootstrap()
        .group(loop)
        .channelFactory(() ->
            kind instanceof EpollSocketChannel ? new EpollSocketChannel() : new NioSocketChannel())
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
        .option(ChannelOption.SO_KEEPALIVE, true)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(
            ChannelOption.RECVBUF_ALLOCATOR,
            new AdaptiveRecvByteBufAllocator(512, 4096, 65536).maxMessagesPerRead(2))
        .resolver(NoopAddressResolverGroup.INSTANCE)
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                if (tls != null) {
                  channel
                      .pipeline()
                      .addLast(tls.newHandler(channel.alloc(), url.getHost(), port()));
                }
                channel.pipeline().addLast(handler);
              }
            });
  }

  /** Where it is, without the password. */
  @Override
  public String toString() {
    return url.toString();
  }
}
