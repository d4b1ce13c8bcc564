package io.oplog.server.crash;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Producers of every kind that go on while the server comes and goes. */
final class Load implements AutoCloseable {
  private final List<Worker> producers = new ArrayList<>();

  private Load() {}

  /** Producers over HTTP, not yet started. */
  static Load overHttp(int port, Script script, Ledger ledger, SplittableRandom random) {
    Load load = new Load();
    for (int i = 0; i < 3; i++) {
      load.producers.add(Producer.single(port, script, ledger, random.split()));
    }
    for (int i = 0; i < 2; i++) {
      load.producers.add(Producer.batches(port, script, ledger, random.split()));
      load.producers.add(Producer.source("source-" + i, port, script, ledger, random.split()));
    }
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
