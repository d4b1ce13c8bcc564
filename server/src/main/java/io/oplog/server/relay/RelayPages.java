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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The operators' pages of relays that run by themselves: the same as those of a server, by the
 * JDK's own HTTP server, since nobody else is served here. They hold nothing secret.
 */
public final class RelayPages implements AutoCloseable {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int ACCEPT_BACKLOG = 64;

  private final List<Supplier<RelayStats>> relays;
  private final String version;
  private final PrometheusMeterRegistry meters =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final List<RelayMeters> relayMeters;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;

  private RelayPages(InetSocketAddress address, String version, List<Supplier<RelayStats>> relays)
      throws IOException {
    this.relays = relays;
    this.version = version;
    this.relayMeters = relays.stream().map(RelayMeters::new).toList();
    this.server = HttpServer.create(address, ACCEPT_BACKLOG);
  }

  /**
   * Listens.
   *
   * @param relays how each gets on
   * @param denied what they do not publish, where an operator may say so
   * @throws IOException when that is not possible
   */
  public static RelayPages listen(
      InetSocketAddress address,
      String version,
      List<Supplier<RelayStats>> relays,
      List<DenyList> denied)
      throws IOException {
    RelayPages pages = new RelayPages(address, version, relays);
    pages.relayMeters.forEach(relay -> relay.register(pages.meters));
    for (Page.Path path : Page.Path.values()) {
      pages.server.createContext(path.path(), exchange -> pages.answer(exchange, path));
    }
    if (!denied.isEmpty()) {
      pages.serve(new DenyLists(denied));
    }
    pages.server.setExecutor(pages.threads);
    pages.server.start();
    return pages;
  }

  private void serve(DenyLists denied) {
    DenyListPage page = new DenyListPage(denied);
    server.createContext(DenyListPage.PATH, exchange -> answer(exchange, page));
  }

  private static void answer(HttpExchange exchange, DenyListPage page) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      boolean isOf = path.equals(DenyListPage.PATH) || path.startsWith(DenyListPage.PATH + "/");
      if (!isOf) {
        send(exchange, Page.text(404, "not found\n"));
        return;
      }
      Page answer = page.page(exchange.getRequestMethod(), path);
      if (answer.status() == 405) {
        exchange.getResponseHeaders().set("Allow", DenyListPage.allowed(path));
      }
      send(exchange, answer);
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

  private List<RelayStats> stats() {
    return relays.stream().map(Supplier::get).toList();
  }

  private Page ready() {
    String why = why(stats());
    return why.isEmpty() ? Page.text(200, "ready\n") : Page.text(503, why);
  }

  /** A line for each relay through which nothing gets; of several, with where it leads. */
  private static String why(List<RelayStats> relays) {
    StringBuilder lines = new StringBuilder();
    for (RelayStats relay : relays) {
      String start = relays.size() == 1 ? "" : "nothing gets through to " + relay.to() + ": ";
      relay.trouble().ifPresent(why -> lines.append(start).append(why).append('\n'));
    }
    return lines.toString();
  }

  private byte[] status() {
    List<RelayStats> now = stats();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
      json.writeStartObject();
      json.writeStringProperty("status", why(now).isEmpty() ? "OK" : "NOT READY");
      json.writeStringProperty("version", version);
      RelayStatus.write(json, now);
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
