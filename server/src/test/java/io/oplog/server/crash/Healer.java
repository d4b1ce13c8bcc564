package io.oplog.server.crash;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Ends the troubles of servers in their time. */
final class Healer extends Worker {
  private final List<Agent> agents;

  Healer(List<Agent> agents) {
    super("healer");
    this.agents = agents;
  }

  @Override
  void work() throws IOException {
    while (!stopped()) {
      for (Agent agent : agents) {
        agent.healInTime();
      }
      pause(Duration.ofMillis(20));
    }
  }
}
