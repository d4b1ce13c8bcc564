package io.oplog.server.crash;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Producers of every kind that go on while the server comes and goes. */
final class Load implements AutoCloseable {
  private static final Duration LIGHT_PAUSE = Duration.ofMillis(100);

  private final List<Worker> producers = new ArrayList<>();

  private Load() {}

  /** Producers over HTTP, not yet started. */
  static Load overHttp(Access access, Script script, Ledger ledger, SplittableRandom random) {
    Load load = new Load();
    for (int i = 0; i < 3; i++) {
      load.producers.add(Producer.single(access, script, ledger, random.split()));
    }
    for (int i = 0; i < 2; i++) {
      load.producers.add(Producer.batches(access, script, ledger, random.split()));
      load.producers.add(Producer.source("source-" + i, access, script, ledger, random.split()));
    }
    return load;
  }

  /** As much as a store takes that folds a thousand operations in a second, not yet started. */
  static Load light(Access access, Script script, Ledger ledger, SplittableRandom random) {
    List<Producer> producers =
        List.of(
            Producer.single(access, script, ledger, random.split()),
            Producer.single(access, script, ledger, random.split()),
            Producer.batches(access, script, ledger, random.split()),
            Producer.source("source-0", access, script, ledger, random.split()),
            Producer.source("source-1", access, script, ledger, random.split()));
    Load load = new Load();
    producers.forEach(producer -> load.with(producer.pausing(LIGHT_PAUSE)));
    return load;
  }

  Load with(Worker producer) {
    producers.add(producer);
    return this;
  }

  /** Starts one more producer. */
  void start(Worker producer) {
    with(producer);
    producer.start();
  }

  Load start() {
    producers.forEach(Worker::start);
    return this;
  }

  void verify() {
    producers.forEach(Worker::verify);
  }

  @Override
  public void close() {
    producers.forEach(Worker::close);
  }
}
