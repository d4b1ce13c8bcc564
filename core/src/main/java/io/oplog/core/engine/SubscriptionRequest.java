package io.oplog.core.engine;

import io.oplog.protocol.Cursor;
import io.oplog.protocol.Filter;

/**
 * What a consumer asks for when it connects.
 *
 * @param filter the types and parents it wants
 * @param cursor where it starts
 * @param progress whether it wants {@code progress} events
 */
public record SubscriptionRequest(Filter filter, Cursor cursor, boolean progress) {}
