package io.oplog.server.crash;

import static org.awaitility.Awaitility.await;

import io.oplog.protocol.EventId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.UUID;

/**
 * Several servers that share one log, under load, and what they have promised. Producers and
 * consumers come to any of them, whatever trouble it has. One thread runs it. Closing it stops
 * everything.
 */
final class SharedTrial implements AutoCloseable {
  /** How long a client waits for anything before it tries another server. */
  private static final int CLIENT_MILLIS = 4000;

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final List<Agent> agents;
  private final SplittableRandom random;
  private final Ledger ledger = new Ledger();
  private final LogCheck check;
  private final Load load;
  private final Audience audience;
  private final Healer healer;
  private final Map<Trouble, Integer> met = new EnumMap<>(Trouble.class);

  private SharedTrial(List<Agent> agents, long seed) throws IOException {
    this.agents = agents;
    this.healer = new Healer(agents);
    this.random = new SplittableRandom(seed);
    Script script = new Script(random.nextLong());
    int[] ports = agents.stream().mapToInt(Agent::port).toArray();
    EventId first = Producer.mark(ports[0], script, ledger);
    this.check = new LogCheck(script, ledger, new History(script, first, 1));
    this.load = Load.light(anyOf(ports, random.nextLong()), script, ledger, random.split());
    this.audience = new Audience(anyOf(ports, random.nextLong()), script, first);
  }

  private static Access anyOf(int[] ports, long seed) {
    Random die = new Random(seed);
    return () -> {
      Wire wire = Wire.connect(ports[die.nextInt(ports.length)]);
      wire.timeout(CLIENT_MILLIS);
      return wire;
    };
  }

  /** Starts servers on a new log, and the load. */
  static SharedTrial begin(Path folder, int count, long seed) throws IOException {
    String log = "trial" + UUID.randomUUID().toString().replace("-", "");
    List<Agent> agents = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        agents.add(Agent.start(folder.resolve("agent" + i), log));
      }
      for (Agent agent : agents) {
        agent.awaitReady();
      }
      SharedTrial trial = new SharedTrial(List.copyOf(agents), seed);
      trial.load.start();
      trial.audience.start();
      trial.healer.start();
      return trial;
    } catch (IOException | RuntimeException | AssertionError e) {
      for (Agent agent : agents) {
        agent.close();
      }
      throw e;
    }
  }

  /** Lets one that is well meet a trouble, if there is one. */
  void meet(Trouble trouble) throws IOException {
    healer.verify();
    List<Agent> well = well();
    if (!well.isEmpty()) {
      well.get(random.nextInt(well.size())).meet(trouble, trouble.time(random));
      met.merge(trouble, 1, Integer::sum);
    }
    audience.cutSome(random);
  }

  private boolean areAllWell() {
    healer.verify();
    return well().size() == agents.size();
  }

  private boolean isOneWell() {
    healer.verify();
    return !well().isEmpty();
  }

  private List<Agent> well() {
    return agents.stream().filter(Agent::isWell).toList();
  }

  /** Fails when something that was acknowledged is missing or anything is wrong, at one of them. */
  void check() throws IOException {
    await().atMost(PATIENCE).until(this::isOneWell);
    List<Agent> well = well();
    check(well.get(random.nextInt(well.size())), well.get(random.nextInt(well.size())));
  }

  private void check(Agent writing, Agent reading) throws IOException {
    insist(() -> {
      writing.awaitReady();
      reading.awaitReady();
      check.check(writing.port(), reading.port());
    });
    load.verify();
    audience.verify();
  }

  private interface Look {
    void run() throws IOException;
  }

  /** A stream may end at any time: what the database has met tells itself late. */
  private static void insist(Look look) throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        look.run();
        return;
      } catch (IOException e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
        Worker.pause(Duration.ofMillis(100));
      }
    }
  }

  /**
   * Ends all troubles and the load, and looks at everything: each server has the whole log, in the
   * same order under the same ids, and the states; each consumer has what it asked for.
   */
  void finish() throws IOException {
    agents.forEach(Agent::healSoon);
    await().atMost(PATIENCE).until(this::areAllWell);
    for (Agent agent : agents) {
      agent.awaitReady();
    }
    load.close();
    for (int i = 0; i < agents.size(); i++) {
      check(agents.get(i), agents.get((i + 1) % agents.size()));
    }
    for (Agent agent : agents) {
      insist(() -> check.history().verify(agent.port()));
    }
    audience.finish(agents.getFirst().port(), check.history());
  }

  String summary() {
    return met + ": " + ledger.summary();
  }

  /** What the servers printed. */
  String output() throws IOException {
    StringBuilder output = new StringBuilder();
    for (Agent agent : agents) {
      output.append(agent.output()).append('\n');
    }
    return output.toString();
  }

  @Override
  public void close() throws IOException {
    healer.close();
    audience.close();
    load.close();
    for (Agent agent : agents) {
      agent.close();
    }
  }
}
