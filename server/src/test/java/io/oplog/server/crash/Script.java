package io.oplog.server.crash;

import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationKind;
import io.oplog.protocol.Rfc3339;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Every operation that a trial sends, made from its number alone, so that what was sent need not be
 * kept. The number is told by the timestamp. Safe from any thread.
 */
record Script(long seed) {
  static final List<String> TYPES = List.of("video", "user", "playlist", "comment", "naïve type");
  private static final long EPOCH = 1_577_836_800_000L;
  private static final int IDS = 1000;
  private static final int PARENTS = 20;

  Operation operation(long number) {
    SplittableRandom random = new SplittableRandom(seed ^ number * 0x9e3779b97f4a7c15L);
    String type = TYPES.get(random.nextInt(TYPES.size()));
    String id = "x" + random.nextInt(IDS) + (random.nextInt(8) == 0 ? " \"ü\n\u2028" : "");
    return new Operation(kind(random.nextInt(10)), type, id, parents(random), EPOCH + number);
  }

  private static OperationKind kind(int die) {
    return die < 2 ? OperationKind.DELETE : die < 5 ? OperationKind.INSERT : OperationKind.UPDATE;
  }

  private static List<String> parents(SplittableRandom random) {
    List<String> parents = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      parents.add("user/u" + random.nextInt(PARENTS));
    }
    return parents;
  }

  static long numberOf(Operation operation) {
    return operation.timestampMillis() - EPOCH;
  }

  /** The operation as a producer writes it, on one line. */
  String json(long number) {
    Operation operation = operation(number);
    return "{\"event\":\"%s\",\"type\":%s,\"id\":%s,\"parents\":%s,\"timestamp\":\"%s\"}"
        .formatted(
            operation.kind().wireName(),
            quoted(operation.type()),
            quoted(operation.id()),
            operation.parents().stream().map(Script::quoted).toList(),
            Rfc3339.format(operation.timestampMillis()));
  }

  private static String quoted(String text) {
    return '"' + text.replace("\"", "\\\"").replace("\n", "\\n") + '"';
  }
}
