package io.oplog.server;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.oplog.core.engine.Engine;
import io.oplog.core.relay.Relay;
import io.oplog.core.relay.RelayStats;
import io.oplog.core.store.Store;
import io.oplog.server.http.HttpServer;
import io.oplog.server.metrics.ServerSnapshot;
import io.oplog.server.net.Transport;
import io.oplog.server.udp.UdpCounts;
import io.oplog.server.udp.UdpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running server over a store, which stays the caller's: it is opened before and closed after.
 * Any thread.
 *
 * <p>Stopping is done in an order that loses nothing and surprises nobody: {@code /readyz} fails,
 * so that a load balancer sends nobody here any more; ingest is refused; what was accepted becomes
 * durable and is answered; streams are closed, each at a moment of its own, so that their consumers
 * do not come back all at once (a {@code retry:} of its own would need an event to stand in, and a
 * quiet stream has none); then the rest.
 */
public final class OplogServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OplogServer.class);
  private static final int BIND_ATTEMPTS = 10;
  private static final int CLOSES_PER_SECOND = 2000;
  private static final Duration LAST_ANSWERS = Duration.ofSeconds(3);

  private final ServerOptions options;
  private final Store store;
  private final Readiness readiness;
  private final Engine engine;
  private final List<Relay<?>> forwardings = new ArrayList<>();
  private final List<Relay<?>> captures = new CopyOnWriteArrayList<>();
  private final Transport transport;
  private final MultiThreadIoEventLoopGroup loops;
  private final HttpServer http;
  private final long startedAt = System.nanoTime();

  // HTTP answers before these are set, and its pages read them.
  private volatile @Nullable InetSocketAddress address;
  private volatile @Nullable UdpServer udp;

  private boolean stopped;

  private OplogServer(ServerOptions options, Store store, @Nullable Forwarding forwarding) {
    this.options = options;
    this.store = store;
    this.readiness = new Readiness(store);
    this.transport = options.transport();
    this.engine = Engine.start(store, options.engine());
    if (forwarding != null) {
      forwardings.add(forwarding.of(store, engine));
    }
    this.loops = transport.loops(options.eventLoops(), "oplog-io");
    this.http =
        HttpServer.on(loops, engine, options.http(), new OperatorPages(this::snapshot, readiness));
  }

  /**
   * Starts a server.
   *
   * @throws IOException when the address cannot be listened on
   */
  public static OplogServer start(ServerOptions options, Store store) throws IOException {
    return start(options, store, null);
  }

  /** Makes the relay that passes on what a server has taken. */
  @FunctionalInterface
  public interface Forwarding {
    /** A relay that is started, and closed, by the server. */
    Relay<?> of(Store store, Engine engine);
  }

  /** Starts a server that passes on what it takes. */
  public static OplogServer start(
      ServerOptions options, Store store, @Nullable Forwarding forwarding) throws IOException {
    OplogServer server = new OplogServer(options, store, forwarding);
    try {
      server.listen();
      server.forwardings.forEach(Relay::start);
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
    return server;
  }

  /** Starts a relay whose sink is this server; it ends when the server begins to. */
  public synchronized void capture(Relay<?> relay) {
    if (stopped) {
      relay.close();
      return;
    }
    captures.add(relay);
    relay.start();
  }

  /** One port for both; where any port will do, one that is free for both is looked for. */
  private void listen() throws IOException {
    for (int attempt = 1; ; attempt++) {
      InetSocketAddress tcp = http.listen(transport, loops, wanted());
      try {
        if (options.udp().enabled()) {
          udp = UdpServer.listen(transport, tcp, options.udp(), engine.ingester());
        }
        address = tcp;
        return;
      } catch (IOException e) {
        http.stopListening();
        if (options.port() != 0 || attempt == BIND_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  /** Looks a name up. */
  private InetSocketAddress wanted() {
    return options.host().isEmpty()
        ? new InetSocketAddress(options.port())
        : new InetSocketAddress(options.host(), options.port());
  }

  /** Where the server listens. */
  public InetSocketAddress address() {
    InetSocketAddress bound = address;
    if (bound == null) {
      throw new IllegalStateException("the server does not listen");
    }
    return bound;
  }

  /** The port of both TCP and UDP. */
  public int port() {
    return address().getPort();
  }

  /** Why the server is not ready; empty when it is. May block on the store. */
  public List<String> check() {
    return readiness.problems();
  }

  /** What the server is doing. May block on the store. */
  public ServerSnapshot snapshot() {
    UdpServer datagrams = udp;
    return new ServerSnapshot(
        options.version(),
        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startedAt),
        store.incarnation(),
        store.bounds(),
        store.shared(),
        Stream.concat(forwardings.stream(), captures.stream())
            .<RelayStats>map(Relay::stats)
            .toList(),
        engine.ingester().counts(),
        options.engine().maxQueuedOperations(),
        engine.stats(),
        http.counts(),
        datagrams == null ? UdpCounts.NONE : datagrams.counts(),
        readiness.problems());
  }

  /** Stops as {@link OplogServer} tells, within the graces. Idempotent. */
  @Override
  public synchronized void close() {
    if (stopped) {
      return;
    }
    stopped = true;
    readiness.stop();
    try {
      stopGracefully();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // asked to hurry: what was acknowledged is safe
    } finally {
      release();
    }
  }

  private void stopGracefully() throws InterruptedException {
    if (address != null) {
      Thread.sleep(options.readyGrace());
    }
    captures.forEach(Relay::close);
    UdpServer datagrams = udp;
    if (datagrams != null) {
      datagrams.close();
    }
    Grace grace = Grace.of(options.stopGrace());
    if (!engine.drain(grace.left())) {
      LOG.warn("The queue did not drain within {}", options.stopGrace());
    }
    http.stopListening();
    Duration spread = spread(engine.stats().clients() + http.counts().tunnels(), grace);
    http.closeStreams(spread);
    http.closeConnections();
    boolean done = await(() -> http.counts().open() == 0, spread.plus(LAST_ANSWERS));
    if (!done) {
      LOG.info("{} connections did not end by themselves", http.counts().open());
    }
  }

  /** A few streams are closed at once; many over as long as is left. */
  static Duration spread(int clients, Grace grace) {
    Duration needed = Duration.ofMillis(clients * 1000L / CLOSES_PER_SECOND);
    Duration left = grace.left();
    return needed.compareTo(left) < 0 ? needed : left;
  }

  private static boolean await(BooleanSupplier condition, Duration limit)
      throws InterruptedException {
    Grace grace = Grace.of(limit);
    while (!condition.getAsBoolean()) {
      if (grace.isOver()) {
        return false;
      }
      Thread.sleep(5);
    }
    return true;
  }

  private void release() {
    forwardings.forEach(Relay::close);
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
    engine.close();
  }
}
