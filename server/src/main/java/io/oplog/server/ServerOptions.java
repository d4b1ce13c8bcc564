package io.oplog.server;

import io.oplog.core.engine.EngineOptions;
import io.oplog.server.http.HttpOptions;
import io.oplog.server.net.Transport;
import io.oplog.server.udp.UdpOptions;
import java.time.Duration;

/**
 * What a server is told when it starts. Its text holds no secret.
 *
 * @param host the address to listen on; empty is all of them
 * @param port the port for TCP and UDP; 0 takes a free one
 * @param eventLoops threads that serve connections
 * @param http how HTTP is spoken
 * @param udp how datagrams are received
 * @param engine bounds and intervals of the engine
 * @param readyGrace how long {@code /readyz} fails before anything else stops, so that a load
 *     balancer sees it
 * @param stopGrace how long the queue may take to drain after that, and the streams, in what is
 *     left of it, to be closed one after the other; some seconds more end the rest
 * @param transport which of the machine's facilities moves the bytes
 * @param version what the status page says
 */
public record ServerOptions(
    String host,
    int port,
    int eventLoops,
    HttpOptions http,
    UdpOptions udp,
    EngineOptions engine,
    Duration readyGrace,
    Duration stopGrace,
    Transport transport,
    String version) {

  /** The port of the original. */
  public static final int DEFAULT_PORT = 8042;

  public static ServerOptions defaults() {
    return new ServerOptions(
        "",
        DEFAULT_PORT,
        Math.max(1, Runtime.getRuntime().availableProcessors() / 2),
        HttpOptions.defaults(),
        UdpOptions.defaults(),
        EngineOptions.defaults(),
        Duration.ZERO,
        Duration.ofSeconds(10),
        Transport.best(),
        "unknown");
  }

  public ServerOptions withAddress(String host, int port) {
    return new ServerOptions(
        host, port, eventLoops, http, udp, engine, readyGrace, stopGrace, transport, version);
  }

  public ServerOptions withEventLoops(int threads) {
    return new ServerOptions(
        host, port, threads, http, udp, engine, readyGrace, stopGrace, transport, version);
  }

  public ServerOptions withHttp(HttpOptions http) {
    return new ServerOptions(
        host, port, eventLoops, http, udp, engine, readyGrace, stopGrace, transport, version);
  }

  public ServerOptions withUdp(UdpOptions udp) {
    return new ServerOptions(
        host, port, eventLoops, http, udp, engine, readyGrace, stopGrace, transport, version);
  }

  public ServerOptions withEngine(EngineOptions engine) {
    return new ServerOptions(
        host, port, eventLoops, http, udp, engine, readyGrace, stopGrace, transport, version);
  }

  public ServerOptions withGraces(Duration readyGrace, Duration stopGrace) {
    return new ServerOptions(
        host, port, eventLoops, http, udp, engine, readyGrace, stopGrace, transport, version);
  }

  public ServerOptions withTransport(Transport transport) {
    return new ServerOptions(
        host, port, eventLoops, http, udp, engine, readyGrace, stopGrace, transport, version);
  }

  public ServerOptions withVersion(String version) {
    return new ServerOptions(
        host, port, eventLoops, http, udp, engine, readyGrace, stopGrace, transport, version);
  }
}
