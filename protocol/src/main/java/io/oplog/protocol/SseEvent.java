package io.oplog.protocol;

/**
 * An event of a stream of Server-Sent Events.
 *
 * @param lastEventId the id that stands when the event arrives: its own, or that of an earlier
 *     event; empty when there was none
 * @param type the event's name, {@code message} when it has none
 * @param data its lines, joined by LF
 */
public record SseEvent(String lastEventId, String type, String data) {}
