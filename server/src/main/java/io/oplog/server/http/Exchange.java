package io.oplog.server.http;

import io.netty.buffer.ByteBuf;

/**
 * A request whose body is being read. Ends by putting an answer into its connection's queue, or by
 * having the connection reject it. Confined to its connection's loop.
 */
interface Exchange {

  /** Takes a piece of the body, which the caller keeps; {@code last} with the last one. */
  void content(ByteBuf piece, boolean last);

  /** The connection is gone, or the request was rejected. Idempotent. */
  void release();
}
