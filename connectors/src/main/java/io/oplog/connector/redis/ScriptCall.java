package io.oplog.connector.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.IntegerOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;

/** A call of a script with one key. */
final class ScriptCall {

  /** While a script runs, nobody else is answered. */
  private static final int MOST_ARGUMENTS = 4000;

  private static final int MOST_BYTES = 1 << 20;

  private final CommandArgs<byte[], byte[]> arguments = new CommandArgs<>(ByteArrayCodec.INSTANCE);
  private int count;
  private long size;

  ScriptCall(Script script, String key) {
    arguments.add(script.digest()).add(1).add(key.getBytes(UTF_8));
  }

  ScriptCall with(byte[] argument) {
    arguments.add(argument);
    count++;
    size += argument.length;
    return this;
  }

  ScriptCall with(String argument) {
    return with(argument.getBytes(UTF_8));
  }

  /** Whether there is room for no more messages, beside what is told of so many collections. */
  boolean isFull(int collections) {
    return count + 3 * collections >= MOST_ARGUMENTS || size >= MOST_BYTES;
  }

  /** Sends it, and waits for nothing. */
  RedisFuture<Long> send(RedisAsyncCommands<byte[], byte[]> redis) {
    return redis.dispatch(
        CommandType.EVALSHA, new IntegerOutput<>(ByteArrayCodec.INSTANCE), arguments);
  }
}
