package io.oplog.connector.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What Redis does at once. The key is a hash, with the fields
 *
 * <ul>
 *   <li>{@code position}: the source's position from which a copy would go on. It begins with the
 *       order of the last change before it, and everything up to that one is published
 *   <li>{@code at}: when the position was last moved, in seconds since the epoch
 *   <li>{@code published:CHANNEL}: of a collection that is ahead of the position the order of the
 *       last change that was published; all before it are, too
 * </ul>
 *
 * <p>Whatever copy puts a change first publishes it; to all others it is published already, so
 * everything may be put again. Orders and positions are compared as texts, in which the empty one
 * is the least.
 *
 * @param text in Lua, for Redis 5 and newer
 * @param digest by which Redis knows it once it was loaded
 */
record Script(String text, String digest) {

  /**
   * Publishes changes: messages as (order, channel of the collection, body, how many other
   * channels, these); then for each collection (channel, the last order of the calls before this
   * one, the order up to which all is published with this one); then their number, and the position
   * after it, which is empty where it stays. Should an earlier call have failed, nothing is
   * published: what was left out would count as published.
   */
  static final Script PUBLISH =
      of(
          """
          local key, position = KEYS[1], ARGV[#ARGV]
          local last = #ARGV - 2 - 3 * ARGV[#ARGV - 1]
          local fields = {'position'}
          for i = last + 1, #ARGV - 2, 3 do
            fields[#fields + 1] = 'published:' .. ARGV[i]
          end
          local stored = redis.call('HMGET', key, unpack(fields))
          local floor = stored[1] or ''
          local published = {}
          for i = 2, #fields do
            local lane = last + 1 + 3 * (i - 2)
            local done = stored[i] or ''
            published[ARGV[lane]] = done > floor and done or floor
            if published[ARGV[lane]] < ARGV[lane + 1] then
              return redis.error_reply('GAP the messages before these were not published')
            end
          end
          -- first, for a server that takes no writes still publishes
          for i = 2, #fields do
            local lane = last + 1 + 3 * (i - 2)
            local upto = ARGV[lane + 2]
            if upto > published[ARGV[lane]] and upto > position then
              redis.call('HSET', key, fields[i], upto)
            elseif stored[i] and (stored[i] < floor or stored[i] < position) then
              redis.call('HDEL', key, fields[i])
            end
          end
          if position:sub(1, 24) > floor:sub(1, 24) then
            redis.call('HSET', key, 'position', position, 'at', redis.call('TIME')[1])
          end
          -- a channel that the user may not use: all is as before, and comes again
          local function undo(refusal)
            for i = 1, #fields do
              if stored[i] then
                redis.call('HSET', key, fields[i], stored[i])
              else
                redis.call('HDEL', key, fields[i])
              end
            end
            return refusal
          end
          local i = 1
          while i <= last do
            local channel, body, others = ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
            if ARGV[i] > published[channel] then
              local answer = redis.pcall('PUBLISH', channel, body)
              for j = i + 4, i + 3 + others do
                if type(answer) == 'number' then
                  answer = redis.pcall('PUBLISH', ARGV[j], body)
                end
              end
              if type(answer) ~= 'number' then
                return undo(answer)
              end
            end
            i = i + 4 + others
          end
          return 1
          """);

  /**
   * Moves the position where nothing was to be published. What it has come past need not be told of
   * a collection any more.
   */
  static final Script MOVE =
      of(
          """
          local key, to = KEYS[1], ARGV[1]
          local stored = redis.call('HGET', key, 'position') or ''
          if to:sub(1, 24) < stored:sub(1, 24) then
            return 0
          end
          redis.call('HSET', key, 'position', to, 'at', redis.call('TIME')[1])
          local all = redis.call('HGETALL', key)
          for i = 1, #all, 2 do
            if all[i]:sub(1, 10) == 'published:' and all[i + 1] < to then
              redis.call('HDEL', key, all[i])
            end
          end
          return 1
          """);

  /**
   * Moves the position over what is not published, and tells so on a channel. Back it goes where
   * the source has another history, of which nothing was published.
   */
  static final Script SKIP =
      of(
          """
          local key, from, to, channel, notice = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
          if (redis.call('HGET', key, 'position') or '') ~= from then
            return 0
          end
          -- a write first, for a server that takes none still publishes; then the notice: where that
          -- is refused the position stays, and all of it comes again
          redis.call('HSET', key, 'position', from)
          redis.call('PUBLISH', channel, notice)
          if to:sub(1, 24) < from:sub(1, 24) then
            redis.call('DEL', key)
          end
          redis.call('HSET', key, 'position', to, 'at', redis.call('TIME')[1])
          return 1
          """);

  /** Changes nothing, and tells it on a channel, but fails where one of the others would. */
  static final Script CHECK =
      of(
          """
          redis.call('HDEL', KEYS[1], 'none')
          redis.call('PUBLISH', ARGV[1], '')
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
