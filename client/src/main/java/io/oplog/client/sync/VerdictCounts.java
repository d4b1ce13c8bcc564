package io.oplog.client.sync;

import java.util.EnumMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Counts objects by type and verdict. Thread-confined. */
final class VerdictCounts {
  private final SortedMap<String, Map<Verdict, Count>> types = new TreeMap<>();

  private static final class Count {
    private long value;
  }

  void count(String type, Verdict verdict) {
    of(type, verdict).value++;
  }

  /** An object of a verdict turned out to be none of it. */
  void discount(String type, Verdict verdict) {
    of(type, verdict).value--;
  }

  private Count of(String type, Verdict verdict) {
    return types
        .computeIfAbsent(type, t -> new EnumMap<>(Verdict.class))
        .computeIfAbsent(verdict, v -> new Count());
  }

  long total(Verdict verdict) {
    return types.values().stream().mapToLong(counts -> value(counts, verdict)).sum();
  }

  private static long value(Map<Verdict, Count> counts, Verdict verdict) {
    Count count = counts.get(verdict);
    return count == null ? 0 : count.value;
  }

  /**
   * By type.
   *
   * @param refused how many were refused, by type
   */
  SortedMap<String, Report.Counts> counts(SortedMap<String, Long> refused) {
    SortedMap<String, Report.Counts> all = new TreeMap<>();
    types.forEach((type, counts) -> all.put(type, counts(counts)));
    refused.forEach((type, count) ->
        all.merge(type, new Report.Counts(0, 0, 0, 0, 0, count), Report.Counts::plus));
    return all;
  }

  private static Report.Counts counts(Map<Verdict, Count> counts) {
    return new Report.Counts(
        value(counts, Verdict.INSERT),
        value(counts, Verdict.UPDATE),
        value(counts, Verdict.DELETE),
        value(counts, Verdict.LEFT_ALONE),
        value(counts, Verdict.SAME),
        0);
  }
}
