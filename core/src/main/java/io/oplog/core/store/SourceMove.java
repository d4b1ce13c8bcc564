package io.oplog.core.store;

import org.jspecify.annotations.Nullable;

/**
 * A source's step from one position to the next, stored with the batch it came with, so that a
 * source which never saw its answer neither repeats nor reorders.
 *
 * @param source the source's name
 * @param from the position that must be stored now; null where none may be
 * @param to the position that stands afterwards
 */
public record SourceMove(String source, @Nullable String from, String to) {}
