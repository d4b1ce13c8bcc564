package io.oplog.client;

import io.oplog.protocol.StreamEvent;

/** Does what an event asks for. */
@FunctionalInterface
public interface EventHandler {
  /**
   * Handles an event; when it returns the event is acknowledged.
   *
   * @throws Exception when it cannot: the event is not acknowledged, and no other is begun
   */
  void handle(StreamEvent event) throws Exception;
}
