package io.oplog.server;

import io.oplog.server.http.Page;
import io.oplog.server.metrics.Metrics;
import io.oplog.server.metrics.ServerSnapshot;
import io.oplog.server.metrics.StatusPage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;

/** The pages for operators. They are open to everybody, so nothing secret is ever on them. */
final class OperatorPages implements Page.Source {
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final String JSON = "application/json";
  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

  private final Supplier<ServerSnapshot> server;
  private final Readiness readiness;
  private final Metrics metrics;

  OperatorPages(Supplier<ServerSnapshot> server, Readiness readiness) {
    this.server = server;
    this.readiness = readiness;
    this.metrics = new Metrics(server);
  }

  @Override
  public Page page(Page.Path path) {
    return switch (path) {
      case HEALTH -> text(200, "alive\n");
      case READY -> ready();
      case STATUS -> new Page(200, JSON, StatusPage.render(server.get()));
      case METRICS -> new Page(200, PROMETHEUS, utf8(metrics.scrape()));
    };
  }

  private Page ready() {
    List<String> problems = readiness.problems();
    return problems.isEmpty()
        ? text(200, "ready\n")
        : text(503, String.join("\n", problems) + "\n");
  }

  private static Page text(int status, String text) {
    return new Page(status, TEXT, utf8(text));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
