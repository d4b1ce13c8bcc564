package io.oplog.testkit.model;

import java.util.Map;
import java.util.TreeMap;

/** Counts what a run reached. */
public final class Tally {
  private final Map<String, Integer> counts = new TreeMap<>();

  void count(String what) {
    counts.merge(what, 1, Integer::sum);
  }

  public int of(String what) {
    return counts.getOrDefault(what, 0);
  }

  @Override
  public String toString() {
    return counts.toString();
  }
}
