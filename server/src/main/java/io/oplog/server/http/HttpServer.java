package io.oplog.server.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.util.concurrent.EventExecutor;
import io.oplog.core.engine.Engine;
import io.oplog.core.engine.Outlet.CloseReason;
import io.oplog.server.net.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Listens for HTTP. Any thread. */
public final class HttpServer {
  private static final int BACKLOG = 4096;
  private static final int MAX_REFUSALS = 1000;
  private static final int CONNECTIONS_PER_REFUSAL = 8;
  private static final int KEEP_IDLE_SECONDS = 60;
  private static final int KEEP_INTERVAL_SECONDS = 15;
  private static final int KEEP_PROBES = 4;
  private static final int USER_TIMEOUT_MILLIS = 120_000;

  private final HttpService service;
  private final Router router;
  private final IdentityHashMap<EventLoop, Loop> loops = new IdentityHashMap<>();
  private volatile @Nullable Channel listener;

  private HttpServer(HttpService service) {
    this.service = service;
    this.router = new Router(service);
  }

  /**
   * Makes a server that does not listen yet.
   *
   * @param executors the event loops; each gets a group of streams from the engine
   * @param pages who makes the pages for operators
   */
  public static HttpServer on(
      MultiThreadIoEventLoopGroup executors,
      Engine engine,
      HttpOptions options,
      Page.Source pages) {
    HttpServer server = new HttpServer(HttpService.of(options, engine.ingester(), pages));
    for (EventExecutor executor : executors) {
      IoEventLoop loop = (IoEventLoop) executor;
      server.loops.put(loop, newLoop(loop, engine, options));
    }
    return server;
  }

  private static Loop newLoop(IoEventLoop executor, Engine engine, HttpOptions options) {
    return new Loop(
        executor,
        engine.ingester(),
        engine.newGroup(executor),
        new BodyReader(options.operations()),
        tickMillis(options.limits()));
  }

  /** A tick of a second, or less where a limit is as short as that. */
  private static long tickMillis(HttpLimits limits) {
    return Stream.of(
            limits.headTimeout(),
            limits.bodyTimeout(),
            limits.idleTimeout(),
            limits.writeTimeout(),
            limits.lingerTimeout())
        .mapToLong(timeout -> Math.clamp(timeout.toMillis() / 2, 10, 1000))
        .min()
        .orElse(1000);
  }

  /**
   * Begins to listen.
   *
   * @return the address, with the port that was taken
   */
  public InetSocketAddress listen(
      Transport transport, MultiThreadIoEventLoopGroup executors, InetSocketAddress address)
      throws IOException {
    ChannelFuture bound = bootstrap(transport, executors).bind(address).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException("cannot listen on TCP " + address, bound.cause());
    }
    listener = bound.channel();
    return (InetSocketAddress) bound.channel().localAddress();
  }

  private ServerBootstrap bootstrap(Transport transport, MultiThreadIoEventLoopGroup executors) {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(executors)
            .channel(transport.serverChannel())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childOption(
                ChannelOption.RECVBUF_ALLOCATOR, new AdaptiveRecvByteBufAllocator(512, 2048, 65536))
            .childOption(
                ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(16 << 10, 64 << 10))
            .childHandler(new Acceptor());
    if (transport == Transport.EPOLL) {
      bootstrap
          .childOption(EpollChannelOption.TCP_KEEPIDLE, KEEP_IDLE_SECONDS)
          .childOption(EpollChannelOption.TCP_KEEPINTVL, KEEP_INTERVAL_SECONDS)
          .childOption(EpollChannelOption.TCP_KEEPCNT, KEEP_PROBES)
          .childOption(EpollChannelOption.TCP_USER_TIMEOUT, USER_TIMEOUT_MILLIS);
    }
    return bootstrap;
  }

  /** Gives each connection its place, or turns it away. */
  private final class Acceptor extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {
      Loop loop = loops.get(channel.eventLoop());
      if (loop == null) {
        throw new IllegalStateException("a connection on a foreign event loop");
      }
      if (service.counters().open(service.limits().maxConnections())) {
        HttpConnection connection = new HttpConnection(service, router, loop, channel);
        channel.pipeline().addLast(connection.decoder(), connection);
        loop.add(connection);
      } else {
        refuse(channel);
      }
    }

    /** They hold descriptors too. */
    private int maxRefusals() {
      return Math.clamp(
          service.limits().maxConnections() / CONNECTIONS_PER_REFUSAL, 1, MAX_REFUSALS);
    }

    private void refuse(Channel channel) {
      service.log().refused(channel.remoteAddress(), 503, "too many connections");
      if (service.counters().refusing(maxRefusals())) {
        channel.pipeline().addLast(new Refusal());
        ChannelFuture _ = channel.closeFuture().addListener(_ -> service.counters().refusalEnded());
      } else {
        ChannelFuture _ = channel.close();
      }
    }
  }

  public HttpCounters.Snapshot counts() {
    return service.counters().snapshot();
  }

  /** Accepts no more connections. */
  public void stopListening() {
    Channel open = listener;
    if (open != null) {
      open.close().awaitUninterruptibly();
    }
  }

  /** Ends all streams, each at a moment of its own within the given time. */
  public void closeStreams(Duration spread) {
    onEachLoop(loop -> {
      loop.streams().closeAll(CloseReason.SHUTDOWN, spread);
      loop.closeTunnels(spread);
    });
  }

  /** Ends all other connections, each after the answers it is owed. */
  public void closeConnections() {
    onEachLoop(Loop::closeConnections);
  }

  private void onEachLoop(Consumer<Loop> task) {
    Collection<Loop> all = loops.values();
    for (Loop loop : all) {
      try {
        loop.executor().execute(() -> task.accept(loop));
      } catch (RejectedExecutionException e) {
        throw new IllegalStateException("the event loops have ended already", e);
      }
    }
  }
}
