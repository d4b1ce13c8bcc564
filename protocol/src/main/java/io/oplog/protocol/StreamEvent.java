package io.oplog.protocol;

import org.jspecify.annotations.Nullable;

/** What a consumer of the change stream hears. */
public sealed interface StreamEvent {

  /**
   * An object changed: an operation, or a replicated state.
   *
   * @param id its position
   * @param ref the object's URL, when the server has a template for it
   */
  record Change(EventId id, Operation operation, @Nullable String ref) implements StreamEvent {}

  /**
   * What the consumer holds is void, and everything that exists follows.
   *
   * @param reason why, a word such as {@code requested}; empty when the server gave none
   */
  record Reset(EventId id, String reason) implements StreamEvent {}

  /** The consumer caught up; operations follow as they happen. */
  record Live(EventId id) implements StreamEvent {}

  /** Nothing that the filter lets through stands before this position any more. */
  record Progress(EventId id) implements StreamEvent {}

  /** An event of a kind that this version does not know, to be passed over. */
  record Unknown(SseEvent event) implements StreamEvent {}

  /**
   * Reads an event. Safe from any thread.
   *
   * @throws IllegalArgumentException when its id or its data is not what the protocol says
   */
  static StreamEvent decode(SseEvent event) {
    OperationKind kind = OperationKind.ofWireName(event.type());
    if (kind != null) {
      return StreamEventData.change(event, kind);
    }
    return switch (event.type()) {
      case "reset" -> new Reset(id(event), StreamEventData.reason(event));
      case "live" -> new Live(id(event));
      case "progress" -> new Progress(id(event));
      default -> new Unknown(event);
    };
  }

  private static EventId id(SseEvent event) {
    return EventId.parse(event.lastEventId());
  }
}
