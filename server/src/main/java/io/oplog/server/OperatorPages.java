package io.oplog.server;

import io.oplog.server.http.Page;
import io.oplog.server.metrics.Metrics;
import io.oplog.server.metrics.ServerSnapshot;
import io.oplog.server.metrics.StatusPage;
import java.util.List;
import java.util.function.Supplier;

/** The pages for operators. They are open to everybody, so nothing secret is ever on them. */
final class OperatorPages implements Page.Source {
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
      case HEALTH -> Page.text(200, "alive\n");
      case READY -> ready();
      case STATUS -> Page.json(StatusPage.render(server.get()));
      case METRICS -> Page.metrics(metrics.scrape());
    };
  }

  private Page ready() {
    List<String> problems = readiness.problems();
    return problems.isEmpty()
        ? Page.text(200, "ready\n")
        : Page.text(503, String.join("\n", problems) + "\n");
  }
}
