package io.oplog.server.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationKind;
import io.oplog.protocol.StreamEvent.Change;
import java.util.HashMap;
import java.util.Map;

/** The objects that exist, as a consumer holds them. Thread-confined. */
final class Replica {
  private final Script script;
  private final Map<String, Held> objects = new HashMap<>();

  /** The last operation of an object, and where it stands. */
  private record Held(long sequence, long number) {}

  Replica(Script script) {
    this.script = script;
  }

  void clear() {
    objects.clear();
  }

  /** Takes an operation or a state from the server, which must say what was sent. */
  void apply(Change change) {
    Operation got = change.operation();
    Operation sent = script.operation(Script.numberOf(got));
    assertThat(got.parents()).as("the parents of %s", got).isEqualTo(sent.parents());
    assertThat(got.kind() == OperationKind.DELETE)
        .as("whether %s is a delete", got)
        .isEqualTo(sent.kind() == OperationKind.DELETE);
    apply(change.id().sequence(), got);
  }

  void apply(long sequence, Operation operation) {
    String key = operation.type() + '/' + operation.id();
    if (operation.kind() == OperationKind.DELETE) {
      objects.remove(key);
    } else {
      objects.put(key, new Held(sequence, Script.numberOf(operation)));
    }
  }

  int size() {
    return objects.size();
  }

  /** Fails unless both hold the same objects, each from the same operation. */
  void verifyEquals(Replica expected) {
    assertThat(objects).containsExactlyInAnyOrderEntriesOf(expected.objects);
  }
}
