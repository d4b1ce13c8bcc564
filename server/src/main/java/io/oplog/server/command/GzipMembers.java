package io.oplog.server.command;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.zip.CRC32;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/**
 * Unpacks gzip (RFC 1952), one member after the other to the end of the input. The JDK's own stream
 * takes whatever goes wrong after a member for the end: a file that was cut there, or a connection,
 * would look whole.
 */
final class GzipMembers extends InputStream {
  private static final int BUFFER = 1 << 16;
  private static final int FLAG_CHECKSUM = 2;
  private static final int FLAG_EXTRA = 4;
  private static final int FLAG_NAME = 8;
  private static final int FLAG_COMMENT = 16;

  private final PushbackInputStream raw;
  private final byte[] one = new byte[1];
  private CRC32 checksum = new CRC32();
  private Member member;
  private long length;
  private boolean ended;

  /** One deflated part, which may have read too far. */
  private static final class Member extends InflaterInputStream {
    Member(InputStream in) {
      super(in, new Inflater(true), BUFFER);
    }

    void giveBack(PushbackInputStream to) throws IOException {
      int left = inf.getRemaining();
      to.unread(buf, len - left, left);
      inf.end();
    }
  }

  /**
   * Reads the first member's header.
   *
   * @throws IOException when that is broken, or cannot be read
   */
  GzipMembers(InputStream in) throws IOException {
    raw = new PushbackInputStream(in, BUFFER);
    readHeader(require());
    member = new Member(raw);
  }

  @Override
  public int read() throws IOException {
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int from, int size) throws IOException {
    int count = ended ? -1 : member.read(bytes, from, size);
    while (count < 0 && !ended) {
      endMember();
      count = ended ? -1 : member.read(bytes, from, size);
    }
    if (count > 0) {
      checksum.update(bytes, from, count);
      length += count;
    }
    return count;
  }

  private void endMember() throws IOException {
    member.giveBack(raw);
    if (number(4) != checksum.getValue() || number(4) != (length & 0xffff_ffffL)) {
      throw new ZipException("the checksum does not match");
    }
    checksum = new CRC32();
    length = 0;
    int next = raw.read();
    ended = next < 0;
    if (!ended) {
      readHeader(next);
      member = new Member(raw);
    }
  }

  private void readHeader(int first) throws IOException {
    if (first != 0x1f || require() != 0x8b || require() != 8) {
      throw new ZipException("no gzip where it should begin");
    }
    int flags = require();
    skip(6);
    if ((flags & FLAG_EXTRA) != 0) {
      skip((int) number(2));
    }
    if ((flags & FLAG_NAME) != 0) {
      skipText();
    }
    if ((flags & FLAG_COMMENT) != 0) {
      skipText();
    }
    if ((flags & FLAG_CHECKSUM) != 0) {
      skip(2);
    }
  }

  private void skip(int bytes) throws IOException {
    for (int i = 0; i < bytes; i++) {
      require();
    }
  }

  private void skipText() throws IOException {
    int next = require();
    while (next != 0) {
      next = require();
    }
  }

  /** The lowest byte first. */
  private long number(int bytes) throws IOException {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= (long) require() << (8 * i);
    }
    return value;
  }

  private int require() throws IOException {
    int next = raw.read();
    if (next < 0) {
      throw new EOFException("the end is missing");
    }
    return next;
  }

  @Override
  public void close() throws IOException {
    member.close();
  }
}
