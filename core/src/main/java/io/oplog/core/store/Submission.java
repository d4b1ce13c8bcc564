package io.oplog.core.store;

import io.oplog.protocol.Frames;
import org.jspecify.annotations.Nullable;

/**
 * Operations that are stored together or not at all: a request's body, or the good lines of a
 * datagram. May be empty where a source's position moves.
 *
 * @param frames the operations as frames whose ids are still blank
 * @param move the source's new position, or null for an anonymous producer
 */
public record Submission(Frames frames, @Nullable SourceMove move) {}
