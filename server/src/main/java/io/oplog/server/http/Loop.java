package io.oplog.server.http;

import io.netty.channel.IoEventLoop;
import io.netty.util.concurrent.Future;
import io.oplog.core.engine.IngestCompletion;
import io.oplog.core.engine.Ingester;
import io.oplog.core.engine.SubscriptionGroup;
import io.oplog.core.store.Submission;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one event loop has of its own: its streams, its tools, and the connections whose time it
 * keeps. Confined to that loop, except for {@link #completions()}.
 */
final class Loop {
  private final IoEventLoop executor;
  private final Ingester ingester;
  private final SubscriptionGroup streams;
  private final BodyReader bodies;
  private final ResponseBuffer out = new ResponseBuffer();
  private final Completions completions;
  private final long tickMillis;
  private @Nullable HttpConnection connections;
  private final Set<Tunnel> tunnels = new HashSet<>();
  private boolean ticking;
  private boolean flushing;
  private int tick;
  private final ByteBuffer waste = ByteBuffer.allocateDirect(4096);

  Loop(
      IoEventLoop executor,
      Ingester ingester,
      SubscriptionGroup streams,
      BodyReader bodies,
      long tickMillis) {
    this.executor = executor;
    this.ingester = ingester;
    this.streams = streams;
    this.bodies = bodies;
    this.tickMillis = tickMillis;
    this.completions = new Completions(executor);
  }

  IoEventLoop executor() {
    return executor;
  }

  SubscriptionGroup streams() {
    return streams;
  }

  BodyReader bodies() {
    return bodies;
  }

  ResponseBuffer out() {
    return out;
  }

  Completions completions() {
    return completions;
  }

  /**
   * Offers a submission. The writer is woken after all connections that have something now were
   * read, so that what came together shares a sync.
   */
  Ingester.Offer offer(Submission submission, IngestCompletion completion) {
    if (!flushing) {
      flushing = true;
      executor.execute(this::flush);
    }
    return ingester.offerWithMore(submission, completion);
  }

  private void flush() {
    flushing = false;
    ingester.flush();
  }

  /** Where bytes go that nobody wants. */
  ByteBuffer waste() {
    return waste;
  }

  // ---- time: one coarse clock for the deadlines of all connections ----

  /** The tick after which this much time has passed at least. */
  int tickAfter(long millis) {
    return tick + 1 + ticks(millis);
  }

  int ticks(long millis) {
    return (int) ((millis + tickMillis - 1) / tickMillis);
  }

  void add(HttpConnection connection) {
    connection.after = connections;
    if (connections != null) {
      connections.before = connection;
    }
    connections = connection;
    startTicking();
  }

  /** Forgets a connection. Idempotent. */
  void remove(HttpConnection connection) {
    if (connection.before != null) {
      connection.before.after = connection.after;
    } else if (connections == connection) {
      connections = connection.after;
    }
    if (connection.after != null) {
      connection.after.before = connection.before;
    }
    connection.before = null;
    connection.after = null;
  }

  void add(Tunnel tunnel) {
    tunnels.add(tunnel);
  }

  void remove(Tunnel tunnel) {
    tunnels.remove(tunnel);
  }

  /** Ends the tunnels, each at a moment of its own within the given time. */
  void closeTunnels(Duration spread) {
    for (Tunnel tunnel : List.copyOf(tunnels)) {
      long millis = ThreadLocalRandom.current().nextLong(spread.toMillis() + 1);
      Future<?> _ = executor.schedule(tunnel::gone, millis, TimeUnit.MILLISECONDS);
    }
  }

  private void startTicking() {
    if (!ticking) {
      ticking = true;
      Future<?> _ = executor.schedule(this::tick, tickMillis, TimeUnit.MILLISECONDS);
    }
  }

  private void tick() {
    tick++;
    ticking = false;
    HttpConnection next = connections;
    while (next != null) {
      HttpConnection connection = next;
      next = connection.after;
      connection.checkDeadline(tick);
    }
    if (connections != null) {
      startTicking();
    }
  }

  /** Ends the connections that wait for nothing, and each other one after its last answer. */
  void closeConnections() {
    HttpConnection next = connections;
    while (next != null) {
      HttpConnection connection = next;
      next = connection.after;
      connection.finish();
    }
  }
}
