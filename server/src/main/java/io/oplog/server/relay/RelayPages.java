package io.oplog.server.relay;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.oplog.connector.redis.DenyList;
import io.oplog.core.relay.RelayStats;
import io.oplog.server.http.Page;
import io.oplog.server.metrics.RelayMeters;
import io.oplog.server.metrics.RelayStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The operators' pages of a relay that runs by itself: the same as those of a server, by the JDK's
 * own HTTP server, since nobody else is served here. They hold nothing secret.
 */
public final class RelayPages implements AutoCloseable {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int ACCEPT_BACKLOG = 64;

  private final Supplier<RelayStats> stats;
  private final String version;
  private final PrometheusMeterRegistry meters =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final RelayMeters relayMeters;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;

  private RelayPages(InetSocketAddress address, String version, Supplier<RelayStats> stats)
      throws IOException {
    this.stats = stats;
    this.version = version;
    this.relayMeters = new RelayMeters(stats);
    this.server = HttpServer.create(address, ACCEPT_BACKLOG);
  }

  /**
   * Listens.
   *
   * @throws IOException when that is not possible
   */
  public static RelayPages listen(
      InetSocketAddress address,
      String version,
      Supplier<RelayStats> stats,
      Optional<DenyList> denied)
      throws IOException {
    RelayPages pages = new RelayPages(address, version, stats);
    pages.relayMeters.register(pages.meters);
    for (Page.Path path : Page.Path.values()) {
      pages.server.createContext(path.path(), exchange -> pages.answer(exchange, path));
    }
    denied.ifPresent(pages::serve);
    pages.server.setExecutor(pages.threads);
    pages.server.start();
    return pages;
  }

  private void serve(DenyList denied) {
    DenyListPage page = new DenyListPage(denied);
    server.createContext(DenyListPage.PATH, exchange -> answer(exchange, page));
  }

  private static void answer(HttpExchange exchange, DenyListPage page) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      boolean isOf = path.equals(DenyListPage.PATH) || path.startsWith(DenyListPage.PATH + "/");
      send(
          exchange,
          isOf ? page.page(exchange.getRequestMethod(), path) : Page.text(404, "not found\n"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Where they are. */
  public InetSocketAddress address() {
    return server.getAddress();
  }

  private void answer(HttpExchange exchange, Page.Path path) throws IOException {
    try (exchange) {
      send(exchange, isOf(exchange, path) ? page(exchange, path) : Page.text(404, "not found\n"));
    }
  }

  /** A context takes all that begins with its path. */
  private static boolean isOf(HttpExchange exchange, Page.Path path) {
    return exchange.getRequestURI().getPath().equals(path.path());
  }

  private Page page(HttpExchange exchange, Page.Path path) {
    String method = exchange.getRequestMethod();
    if (!List.of("GET", "HEAD").contains(method)) {
      exchange.getResponseHeaders().set("Allow", "GET, HEAD");
      return Page.text(405, method + " is not for a page\n");
    }
    return switch (path) {
      case HEALTH -> Page.text(200, "alive\n");
      case READY -> ready();
      case STATUS -> Page.json(status());
      case METRICS -> Page.metrics(meters.scrape());
    };
  }

  private Page ready() {
    return stats
        .get()
        .trouble()
        .map(why -> Page.text(503, why + "\n"))
        .orElse(Page.text(200, "ready\n"));
  }

  private byte[] status() {
    RelayStats now = stats.get();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
      json.writeStartObject();
      json.writeStringProperty("status", now.trouble().isEmpty() ? "OK" : "NOT READY");
      json.writeStringProperty("version", version);
      RelayStatus.write(json, List.of(now));
      json.writeEndObject();
    }
    bytes.write('\n');
    return bytes.toByteArray();
  }

  private static void send(HttpExchange exchange, Page page) throws IOException {
    boolean isBare = exchange.getRequestMethod().equals("HEAD") || page.body().length == 0;
    exchange.getResponseHeaders().set("Content-Type", page.contentType());
    exchange.sendResponseHeaders(page.status(), isBare ? -1 : page.body().length);
    if (!isBare) {
      exchange.getResponseBody().write(page.body());
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
    meters.close();
  }
}
