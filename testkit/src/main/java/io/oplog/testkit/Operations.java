package io.oplog.testkit;

import io.oplog.core.store.SourceMove;
import io.oplog.core.store.Submission;
import io.oplog.protocol.FrameEncoder;
import io.oplog.protocol.Frames;
import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationKind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes operations and submissions. */
public final class Operations {
  /** The timestamp of every operation made here. */
  public static final long TIMESTAMP = 1_415_271_879_041L;

  private Operations() {}

  public static Operation insert(String type, String id, String... parents) {
    return of(OperationKind.INSERT, type, id, parents);
  }

  public static Operation update(String type, String id, String... parents) {
    return of(OperationKind.UPDATE, type, id, parents);
  }

  public static Operation delete(String type, String id, String... parents) {
    return of(OperationKind.DELETE, type, id, parents);
  }

  public static Operation of(OperationKind kind, String type, String id, String... parents) {
    return new Operation(kind, type, id, List.of(parents), TIMESTAMP);
  }

  /** Frames with blank ids. */
  public static Frames frames(Operation... operations) {
    FrameEncoder encoder = new FrameEncoder();
    for (Operation operation : operations) {
      encoder.add(operation);
    }
    return encoder.take();
  }

  public static Submission submission(Operation... operations) {
    return new Submission(frames(operations), null);
  }

  /** Operations of a source that moves. */
  public static Submission moving(
      String source, @Nullable String from, String to, Operation... operations) {
    return new Submission(frames(operations), new SourceMove(source, from, to));
  }
}
