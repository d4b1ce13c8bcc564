package io.oplog.connector.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What Redis does at once. The key is a hash, with the fields
 *
 * <ul>
 *   <li>{@code published}: the order of the newest change that was published
 *   <li>{@code position}: the source's position from which a copy would go on
 *   <li>{@code order}: the order of the last change before that position
 *   <li>{@code at}: when the position was last moved, in seconds since the epoch
 * </ul>
 *
 * <p>Whatever copy puts a change first publishes it; to all others it is published already, so
 * everything may be put again. Orders are compared as texts, in which the empty one is the least.
 *
 * @param text in Lua, for Redis 5 and newer
 * @param digest by which Redis knows it once it was loaded
 */
record Script(String text, String digest) {

  /**
   * Publishes changes that follow those of an earlier call: messages as (order, channel, channel,
   * body), then the last order of that call, that of this one, and the position after it, which is
   * empty where another call follows. Should the earlier one have failed, nothing is published:
   * what was left out would count as published.
   */
  static final Script PUBLISH =
      of(
          """
          local key, last = KEYS[1], #ARGV - 3
          local after, upto, position = ARGV[last + 1], ARGV[last + 2], ARGV[last + 3]
          local stored = redis.call('HMGET', key, 'published', 'order')
          local published, order = stored[1] or '', stored[2] or ''
          if published < after then
            return redis.error_reply('GAP the messages before these were not published')
          end
          if upto > published then -- first, for a server that takes no writes still publishes
            redis.call('HSET', key, 'published', upto)
          end
          for i = 1, last, 4 do
            if ARGV[i] > published then
              redis.call('PUBLISH', ARGV[i + 1], ARGV[i + 3])
              redis.call('PUBLISH', ARGV[i + 2], ARGV[i + 3])
            end
          end
          if position ~= '' and upto > order then
            redis.call('HSET', key, 'position', position, 'order', upto, 'at', redis.call('TIME')[1])
          end
          return 1
          """);

  /**
   * Moves the position where nothing was to be published: from one that this copy gave, or from
   * another that no copy has moved for so many seconds.
   */
  static final Script MOVE =
      of(
          """
          local key, from, to, patience = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3])
          local stored = redis.call('HMGET', key, 'position', 'at')
          local now = redis.call('TIME')[1]
          if (stored[1] or '') ~= from and now - (stored[2] or 0) < patience then
            return 0
          end
          redis.call('HSET', key, 'position', to, 'at', now)
          return 1
          """);

  /** Moves the position over what is not published, and tells so on a channel. */
  static final Script SKIP =
      of(
          """
          local key, from, to, channel, notice = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
          if (redis.call('HGET', key, 'position') or '') ~= from then
            return 0
          end
          redis.call('HSET', key, 'position', to, 'at', redis.call('TIME')[1])
          redis.call('PUBLISH', channel, notice)
          return 1
          """);

  /** Changes nothing, but fails where one of the others would. */
  static final Script CHECK =
      of(
          """
          redis.call('HDEL', KEYS[1], 'none')
          return tonumber(redis.call('TIME')[1])
          """);

  private static Script of(String text) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-1").digest(text.getBytes(UTF_8));
      return new Script(text, HexFormat.of().formatHex(digest));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
