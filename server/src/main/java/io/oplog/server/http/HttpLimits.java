package io.oplog.server.http;

import io.oplog.core.engine.Heap;
import java.time.Duration;

/**
 * What clients may ask of the server.
 *
 * @param maxConnections TCP connections open at once; more are answered {@code 503}
 * @param maxRequestLineBytes longest request line, filters included; more is {@code 414}
 * @param maxHeadBytes longest header block; more is {@code 431}
 * @param maxBodyBytes longest body; more is {@code 413}
 * @param maxBufferedBytes bytes of half-read bodies over all connections; more is {@code 429}
 * @param maxFilterBytes memory of the filters of all open streams; more is {@code 503}
 * @param maxPipelined requests of one connection that may wait for their answers
 * @param headTimeout time for a request's head to arrive
 * @param bodyTimeout time for a body to arrive, beside a second for each 16 KiB
 * @param idleTimeout silence after which a connection without a request is closed
 * @param writeTimeout time for a client to take an answer; a stream has one of its own
 * @param lingerTimeout time for a client to close after the last answer
 */
public record HttpLimits(
    int maxConnections,
    int maxRequestLineBytes,
    int maxHeadBytes,
    int maxBodyBytes,
    long maxBufferedBytes,
    long maxFilterBytes,
    int maxPipelined,
    Duration headTimeout,
    Duration bodyTimeout,
    Duration idleTimeout,
    Duration writeTimeout,
    Duration lingerTimeout) {

  /**
   * What a body takes while it is made frames of, for each of its bytes: room for the longest
   * frames there can be, and a copy where they are short.
   */
  static final int DECODING_FACTOR = 7;

  /** Bytes of frames that may be in the making over all event loops; more is {@code 429}. */
  long maxDecodingBytes() {
    return Math.max((long) DECODING_FACTOR * maxBodyBytes, Heap.parts(7, Long.MAX_VALUE));
  }

  /**
   * Bytes of requests that wait for room, and of answers that are not taken, over all connections;
   * a connection that needs more is cut. They are outside of the heap, which has the same bound.
   */
  static long maxWaitingBytes() {
    return Runtime.getRuntime().maxMemory() / 4;
  }

  /** What fits the {@link Heap}. */
  public static HttpLimits defaults() {
    return new HttpLimits(
        100_000,
        32 << 10,
        16 << 10,
        (int) Heap.parts(1, 8 << 20),
        Heap.parts(3, Long.MAX_VALUE),
        Heap.parts(2, Long.MAX_VALUE),
        256,
        Duration.ofSeconds(10),
        Duration.ofSeconds(20),
        Duration.ofSeconds(75),
        Duration.ofSeconds(60),
        Duration.ofSeconds(2));
  }
}
