package io.oplog.protocol;

/** Takes operations one by one, on the thread that reads them. */
@FunctionalInterface
public interface OperationSink {
  void accept(Operation operation);
}
